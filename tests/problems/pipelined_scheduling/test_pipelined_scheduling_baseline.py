"""Expert values: stored solutions verify, bounds hold, and a sample comes out again."""

from pathlib import Path

import pytest
from pipelined_scheduling_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify


def test_there_is_an_expert_value_for_every_instance() -> None:
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_stored_objective(name: str, tmp_path: Path) -> None:
    record = PROBLEM.baselines[name]
    assert verify(unpacked(name, tmp_path), stored_solution(name, tmp_path)).objective == record.objective
    assert record.bound is not None
    assert record.bound <= record.objective
    assert record.optimal == (record.bound == record.objective)


@pytest.mark.parametrize("name", ["demo00_40", "eval02_50"])
def test_the_expert_comes_near_the_stored_value_in_two_seconds(name: str, tmp_path: Path) -> None:
    pytest.importorskip("ortools", reason="the expert needs heurigym[experts]")
    pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
    instance = unpacked(name, tmp_path)
    text, info = module("baseline").solve([instance], 2.0, 3)
    (tmp_path / "solution.txt").write_text(text)
    stored = PROBLEM.baselines[name].objective
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"]
    assert info["bound"] <= min(stored, info["objective"])
    assert info["objective"] <= 1.1 * stored
    assert info["solver"]
    assert info["version"]
