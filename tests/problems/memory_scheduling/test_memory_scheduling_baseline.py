"""Expert values: stored solutions verify, bounds hold, and a small sample comes out again."""

from pathlib import Path

import pytest
from memory_scheduling_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify

pytest.importorskip("numba", reason="numba is not installed: pip install 'heurigym[experts]'")

BASELINE = module("baseline")


def test_there_is_an_expert_value_for_every_instance() -> None:
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_stored_objective(name: str, tmp_path: Path) -> None:
    record = PROBLEM.baselines[name]
    assert verify(unpacked(name, tmp_path), stored_solution(name, tmp_path)).objective == record.objective
    assert record.bound is not None
    assert record.bound <= record.objective
    assert record.optimal == (record.bound == record.objective)


@pytest.mark.parametrize("name", ["eval01_180", "eval03_300", "eval05_500"])
def test_a_short_run_of_the_expert_comes_within_two_percent_of_its_stored_value(name: str, tmp_path: Path) -> None:
    instance = unpacked(name, tmp_path)
    text, info = BASELINE.solve([instance], 2.0, 1)
    (tmp_path / "solution.txt").write_text(text)
    record = PROBLEM.baselines[name]
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"]
    assert info["bound"] <= info["objective"]
    assert 0.98 * info["objective"] <= record.objective
    assert info["solver"]
    assert info["version"]


def test_the_whole_portfolio_runs_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
    from heurigym.experts.scheduling.memory import search as memory_search

    monkeypatch.setattr(memory_search, "LEAST_GAUSS_S", 0.0)
    monkeypatch.setattr(memory_search, "LEAST_CPSAT_S", 0.0)
    instance = unpacked("eval00_120", tmp_path)
    text, info = BASELINE.solve([instance], 3.0, 0)
    (tmp_path / "solution.txt").write_text(text)
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"]
    assert info["solver"].endswith("best of lists, annealing, GauS, CP-SAT")
