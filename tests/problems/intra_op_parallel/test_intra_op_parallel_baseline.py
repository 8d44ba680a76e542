"""Expert values: stored solutions verify, bounds hold, and published values come out again."""

import gzip
import os
import sys
from pathlib import Path

import pytest
from intra_op_parallel_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify

pytest.importorskip("numba", reason="numba is not installed: pip install 'heurigym[experts]'")

BASELINE = module("baseline")
PUBLIC = (
    Path(os.environ.get("HEURIGYM_DATA") or PROBLEM.folder.parents[2] / "shared" / "data") / "intra_op_parallel"
)
PUBLISHED = {"example": 445, "asplos-2025-iopddl-B": 532843, "asplos-2025-iopddl-G": 217039}
"""Costs that the public HeuriGym publishes: the least of the contest's teams."""
FACTOR = {"example": 1, "asplos-2025-iopddl-B": 20, "asplos-2025-iopddl-G": 20}
"""How far above them a few seconds may end."""


def test_there_is_an_expert_value_for_every_instance() -> None:
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_stored_objective(name: str, tmp_path: Path) -> None:
    record = PROBLEM.baselines[name]
    assert verify(unpacked(name, tmp_path), stored_solution(name, tmp_path)).objective == record.objective
    assert record.bound is None or 0 < record.bound <= record.objective
    assert record.optimal == (record.bound == record.objective)


@pytest.mark.parametrize("name", ["demo00_40", "eval00_25", "eval01_40"])
def test_a_short_run_of_the_expert_comes_near_its_stored_value(name: str, tmp_path: Path) -> None:
    instance = unpacked(name, tmp_path)
    text, info = BASELINE.solve([instance], 2.0, 1)
    (tmp_path / "solution.txt").write_text(text)
    record = PROBLEM.baselines[name]
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"]
    assert 0.97 * info["objective"] <= record.objective
    assert info["bound"] is None or info["bound"] <= record.objective
    assert info["solver"]
    assert info["version"]


def test_the_expert_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("heurigym.experts.sharding")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, "heurigym.experts.compiled", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'heurigym\[experts\]'"):
        BASELINE.solve([INSTANCES["demo00_40"].files[0]], 1.0, 0)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_costs_are_not_beaten_and_roughly_reached(name: str, tmp_path: Path) -> None:
    packed, plain = PUBLIC / f"{name}.json.gz", PUBLIC / f"{name}.json"
    if not packed.is_file() and not plain.is_file():
        pytest.skip(f"no public instances in {PUBLIC.parent}: set HEURIGYM_DATA to the folder that has them")
    instance = tmp_path / "instance.json"
    instance.write_bytes(plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes()))
    text, info = BASELINE.solve([instance], 1.0 if name == "example" else 4.0, 0)
    (tmp_path / "solution.txt").write_text(text)
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"]
    assert info["bound"] is None or info["bound"] <= PUBLISHED[name]
    assert info["objective"] <= FACTOR[name] * PUBLISHED[name]
