"""Expert values: stored solutions verify, bounds hold, and the expert finds small ones again."""

from pathlib import Path

import pytest
from resource_scheduling_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify


def test_there_is_an_expert_value_for_every_instance() -> None:
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_stored_objective(name: str, tmp_path: Path) -> None:
    record = PROBLEM.baselines[name]
    assert verify(unpacked(name, tmp_path), stored_solution(name, tmp_path)).objective == record.objective
    assert record.bound is not None
    assert record.bound <= record.objective
    assert record.optimal == (record.bound == record.objective)


@pytest.mark.parametrize("name", ["demo01_200", "eval00_60", "eval04_150"])
def test_the_expert_reaches_the_stored_optimum(name: str, tmp_path: Path) -> None:
    pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
    pytest.importorskip("ortools", reason="the expert needs heurigym[experts]")
    instance = unpacked(name, tmp_path)
    text, info = module("baseline").solve([instance], 8.0, 3)
    (tmp_path / "solution.txt").write_text(text)
    record = PROBLEM.baselines[name]
    assert record.optimal
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"] == record.objective
    assert info["bound"] == record.bound
    assert info["version"]
