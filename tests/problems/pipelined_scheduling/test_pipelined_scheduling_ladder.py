"""The scripted programs: each does what its rung promises, the same every time, and none beats the expert."""

import sys
from pathlib import Path
from statistics import mean

import pytest
from pipelined_scheduling_support import INSTANCES, PROBLEM, SMALL, module, unpacked, verify

from heurigym.problems import Outcome, Verdict

RUNGS = [path.stem for path in PROBLEM.ladder]
LARGE = max(INSTANCES, key=lambda name: int(name.partition("_")[2]))


def run(rung: str, name: str, folder: Path) -> Verdict:
    instance = unpacked(name, folder)
    module(f"ladder/{rung}").solve(str(instance), str(folder / "solution.txt"))
    return verify(instance, folder / "solution.txt")


def test_the_ladder_goes_from_a_crash_to_a_good_heuristic() -> None:
    assert [rung.partition("_")[0] for rung in RUNGS] == ["01", "02", "03", "04", "05", "06"]


def test_the_first_rung_crashes(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        run("01_crash", "demo00_40", tmp_path)
    assert not (tmp_path / "solution.txt").exists()


@pytest.mark.parametrize("name", [name for name in SMALL if name.startswith("demo")])
def test_the_second_rung_needs_too_many_units(name: str, tmp_path: Path) -> None:
    verdict = run("02_infeasible", name, tmp_path)
    assert verdict.outcome is Outcome.INFEASIBLE
    assert "too few units" in verdict.message


def test_rungs_rise_and_never_beat_the_expert(tmp_path: Path) -> None:
    qualities = []
    for rung in RUNGS[2:]:
        values = []
        for name in SMALL:
            objective = run(rung, name, tmp_path).objective
            assert objective is not None, (rung, name)
            assert objective >= PROBLEM.baselines[name].objective, (rung, name)
            values.append(float(PROBLEM.baselines[name].objective / objective))
        qualities.append(mean(values))
    random_order, one_pass, iterative, local_search = qualities
    assert random_order < one_pass + 0.02
    assert one_pass < iterative
    assert iterative + 0.1 < local_search < 0.95


@pytest.mark.parametrize("rung", RUNGS[2:])
def test_rungs_are_deterministic(rung: str, tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        run(rung, "demo01_100", tmp_path)
        texts.append((tmp_path / "solution.txt").read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("rung", RUNGS[3:])
def test_rungs_schedule_the_largest_loop(rung: str, tmp_path: Path) -> None:
    objective = run(rung, LARGE, tmp_path).objective
    assert objective is not None
    assert objective >= PROBLEM.baselines[LARGE].objective


@pytest.mark.parametrize("case", ["given", "open", "crowded", "still", "empty"])
@pytest.mark.parametrize("rung", RUNGS[2:])
def test_rungs_master_the_odd_loops(rung: str, case: str, tmp_path: Path) -> None:
    """Long operations, latency 0, cycles of distance 0 without time, and nothing at all."""
    example = PROBLEM.folder / "cases" / f"{case}.json"
    module(f"ladder/{rung}").solve(str(example), str(tmp_path / "solution.txt"))
    verdict = verify(example, tmp_path / "solution.txt")
    assert verdict.outcome is Outcome.FEASIBLE, verdict.message


def test_rungs_import_only_what_the_sandbox_has() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "scipy", "networkx", "pandas"}
    for path in PROBLEM.ladder:
        lines = path.read_text().splitlines()
        imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imported <= allowed, path.name
