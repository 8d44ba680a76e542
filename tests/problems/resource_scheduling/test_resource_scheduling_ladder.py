"""The scripted programs: each does what its rung promises, the same every time, and none beats the expert."""

import sys
from pathlib import Path
from statistics import mean

import pytest
from resource_scheduling_support import INSTANCES, PROBLEM, module, unpacked, verify

from heurigym.problems import Outcome, Verdict

RUNGS = [path.stem for path in PROBLEM.ladder]
MOVES = 20_000
"""Moves of the last rung here, a twentieth of what it has in a campaign."""
SAMPLE = [name for name in sorted(INSTANCES) if int(name.partition("_")[2]) <= 1000]


def run(rung: str, name: str, folder: Path) -> Verdict:
    instance = unpacked(name, folder)
    module(f"ladder/{rung}").solve(str(instance), str(folder / "solution.txt"))
    return verify(instance, folder / "solution.txt")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module("ladder/07_local_search"), "MOVES", MOVES)


def test_the_ladder_goes_from_a_crash_to_local_search() -> None:
    assert [rung.partition("_")[2] for rung in RUNGS] == [
        "crash",
        "infeasible",
        "random",
        "asap_or_alap",
        "list",
        "list_caps",
        "local_search",
    ]


def test_the_first_rung_crashes(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        run("01_crash", "demo00_80", tmp_path)
    assert not (tmp_path / "solution.txt").exists()


@pytest.mark.parametrize("name", [instance.name for instance in PROBLEM.instances("demo")])
def test_the_second_rung_misses_the_deadline(name: str, tmp_path: Path) -> None:
    verdict = run("02_infeasible", name, tmp_path)
    assert verdict.outcome is Outcome.INFEASIBLE
    assert "deadline" in verdict.message


@pytest.mark.usefixtures("short")
def test_rungs_rise_and_never_beat_the_expert(tmp_path: Path) -> None:
    qualities = []
    for rung in RUNGS[2:]:
        values = []
        for name in SAMPLE:
            objective = run(rung, name, tmp_path).objective
            assert objective is not None, (rung, name)
            assert objective >= PROBLEM.baselines[name].objective, (rung, name)
            values.append(float(PROBLEM.baselines[name].objective / objective))
        qualities.append(mean(values))
    naive, lists, caps, search = max(qualities[:2]), *qualities[2:]
    assert naive + 0.1 < lists < min(caps, search)
    assert lists <= 0.9


@pytest.mark.parametrize("rung", RUNGS[2:])
@pytest.mark.usefixtures("short")
def test_rungs_schedule_the_largest_graph(rung: str, tmp_path: Path) -> None:
    objective = run(rung, "eval25_20000", tmp_path).objective
    assert objective is not None
    assert objective >= PROBLEM.baselines["eval25_20000"].objective


@pytest.mark.parametrize("rung", RUNGS[1:])
@pytest.mark.usefixtures("short")
def test_rungs_are_deterministic(rung: str, tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        run(rung, "demo02_500", tmp_path)
        texts.append((tmp_path / "solution.txt").read_bytes())
    assert texts[0] == texts[1]


def test_rungs_import_only_what_the_sandbox_has() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "scipy", "networkx", "pandas"}
    for path in PROBLEM.ladder:
        lines = path.read_text().splitlines()
        imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imported <= allowed, path.name
