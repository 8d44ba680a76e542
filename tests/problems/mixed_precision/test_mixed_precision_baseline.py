"""Expert values: stored solutions verify, bounds hold, no rung of the ladder is better, optima come out again."""

import sys
import time

import pytest
from mixed_precision_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify

from heurigym.problems import Outcome


def test_there_is_an_expert_value_for_every_instance():
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_stored_objective(name, tmp_path):
    record = PROBLEM.baselines[name]
    verdict = verify(unpacked(name, tmp_path), stored_solution(name, tmp_path))
    assert verdict.outcome is Outcome.FEASIBLE
    assert verdict.objective == record.objective
    assert record.bound is None or record.bound <= record.objective
    assert record.optimal == (record.bound == record.objective)


def test_quick_rungs_of_the_ladder_are_not_better_than_the_expert(tmp_path):
    for name in INSTANCES:
        plain = unpacked(name, tmp_path)
        for rung in ("03_uniform", "04_hawq_order", "05_greedy"):
            module(f"ladder/{rung}").solve(str(plain), str(tmp_path / "solution.txt"))
            verdict = verify(plain, tmp_path / "solution.txt")
            assert verdict.outcome is Outcome.FEASIBLE
            assert verdict.objective >= PROBLEM.baselines[name].objective


def some_optima():
    small = [name for name, record in PROBLEM.baselines.items() if record.optimal and record.time_s < 1.0]
    return sorted(small)[:4]


@pytest.mark.parametrize("name", some_optima())
def test_the_expert_reaches_stored_optima_again(name, tmp_path):
    for package in ("numba", "highspy", "ortools"):
        pytest.importorskip(package, reason="the expert needs heurigym[experts]")
    plain = unpacked(name, tmp_path)
    text, facts = module("baseline").solve([plain], 10, 5, clock=time.process_time)
    (tmp_path / "solution.txt").write_text(text)
    objective = verify(plain, tmp_path / "solution.txt").objective
    assert objective == facts["objective"] == facts["bound"] == PROBLEM.baselines[name].objective
    assert facts["solver"]
    assert facts["version"]


def test_the_expert_says_which_extra_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "heurigym.experts.quantization.allocation_portfolio", None)
    with pytest.raises(ImportError, match=r"pip install 'heurigym\[experts\]'"):
        module("baseline").solve([INSTANCES[min(INSTANCES)].files[0]], 1.0, 0)
