"""Expert values: stored solutions verify, a short run comes near them, and the extra that is missing is named."""

import sys
from pathlib import Path

import pytest
from pickup_delivery_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify

BASELINE = module("baseline")


def test_there_is_an_expert_value_for_every_instance() -> None:
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_stored_objective(name: str, tmp_path: Path) -> None:
    record = PROBLEM.baselines[name]
    verdict = verify(unpacked(name, tmp_path), stored_solution(name, tmp_path))
    assert verdict.number == record.objective > 0
    assert record.bound is None or record.bound <= record.objective


@pytest.mark.parametrize("name", ["demo00_10", "eval03_20", "eval09_40"])
def test_a_short_run_of_the_expert_comes_within_two_percent_of_its_stored_value(name: str, tmp_path: Path) -> None:
    pytest.importorskip("numba", reason="numba is not installed: pip install 'heurigym[experts]'")
    pytest.importorskip("highspy", reason="HiGHS is not installed: pip install 'heurigym[experts]'")
    instance = unpacked(name, tmp_path)
    text, info = BASELINE.solve([instance], 0.5, 1)
    (tmp_path / "solution.txt").write_text(text)
    assert verify(instance, tmp_path / "solution.txt").number == info["objective"]
    assert 0.98 * info["objective"] <= PROBLEM.baselines[name].objective
    assert info["solver"]
    assert info["version"]


def test_the_expert_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "heurigym.experts.quiet_highs", None)
    with pytest.raises(ImportError, match=r"pip install 'heurigym\[experts\]'") as raised:
        BASELINE.solve([INSTANCES["demo00_10"].files[0]], 1.0, 0)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_instance_is_named(tmp_path: Path) -> None:
    pytest.importorskip("numba", reason="numba is not installed: pip install 'heurigym[experts]'")
    pytest.importorskip("highspy", reason="HiGHS is not installed: pip install 'heurigym[experts]'")
    (tmp_path / "none.pdptw").write_text("NAME : none\n")
    with pytest.raises(ValueError, match=r"none\.pdptw: not an instance"):
        BASELINE.solve([tmp_path / "none.pdptw"], 1.0, 0)
