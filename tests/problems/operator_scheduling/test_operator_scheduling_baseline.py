"""Expert values: stored solutions verify, bounds hold, and published optima come out again."""

import json
import os
import sys
from pathlib import Path

import pytest
from operator_scheduling_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify

BASELINE = module("baseline")
LISTS = module("list_scheduling")
PUBLIC = (
    Path(os.environ.get("HEURIGYM_DATA") or PROBLEM.folder.parents[2] / "shared" / "data") / "operator_scheduling"
)
PUBLISHED = {
    "arf": 16,
    "collapse": 11,
    "cosine1": 15,
    "cosine2": 20,
    "dag_1000": 68,
    "dag_1500": 92,
    "dag_500": 46,
    "demo": 4,
    "ewf": 21,
    "feedback": 13,
    "fir1": 16,
    "fir2": 17,
    "h2v2": 23,
    "hal": 7,
    "horner": 18,
    "idctcol": 22,
    "interpolate": 14,
    "invert": 23,
    "jpeg_fdct": 23,
    "jpeg_idct": 26,
    "matmul": 16,
    "motion": 12,
    "smooth": 21,
    "write": 11,
}
"""Latencies that the public HeuriGym publishes for its instances, found there by integer programming."""
HARD = {"idctcol", "invert", "jpeg_fdct", "jpeg_idct", "smooth", "write"}
"""Those on which a few seconds do not suffice for a proof of optimality."""


def test_there_is_an_expert_value_for_every_instance() -> None:
    assert set(PROBLEM.baselines) == set(INSTANCES)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_stored_objective(name: str, tmp_path: Path) -> None:
    record = PROBLEM.baselines[name]
    assert verify(unpacked(name, tmp_path), stored_solution(name, tmp_path)).objective == record.objective
    assert record.bound is not None
    assert record.bound <= record.objective
    assert record.optimal == (record.bound == record.objective)


@pytest.mark.parametrize("name", ["demo00_60", "eval01_60"])
def test_the_expert_reaches_the_stored_optimum(name: str, tmp_path: Path) -> None:
    pytest.importorskip("ortools", reason="OR-Tools is not installed: pip install 'heurigym[baselines]'")
    instance = unpacked(name, tmp_path)
    text, info = BASELINE.solve([instance], 4.0, 3)
    (tmp_path / "solution.txt").write_text(text)
    record = PROBLEM.baselines[name]
    assert record.optimal
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"] == record.objective
    assert info["bound"] <= info["objective"]
    assert info["version"]


def test_the_expert_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'heurigym\[baselines\]'"):
        BASELINE.solve([INSTANCES["demo00_60"].files[0]], 1.0, 0)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_latencies_come_out_again(name: str, tmp_path: Path) -> None:
    instance = PUBLIC / f"{name}.json"
    if not instance.is_file():
        pytest.skip(f"no public instances in {PUBLIC.parent}: set HEURIGYM_DATA to the folder that has them")
    graph = LISTS.Graph.from_json(json.loads(instance.read_text()))
    assert graph.bound <= PUBLISHED[name] <= LISTS.latency(graph, LISTS.critical_path_schedule(graph))
    if name in HARD:
        return
    pytest.importorskip("ortools", reason="OR-Tools is not installed: pip install 'heurigym[baselines]'")
    text, info = BASELINE.solve([instance], 4.0, 0)
    (tmp_path / "solution.txt").write_text(text)
    assert verify(instance, tmp_path / "solution.txt").objective == info["objective"]
    assert info["bound"] <= PUBLISHED[name] <= info["objective"]
    assert not info["optimal"] or info["objective"] == PUBLISHED[name]
