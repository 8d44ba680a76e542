"""The scripted programs: each does what its rung promises, the same every time, and none beats the expert."""

import sys
from pathlib import Path
from statistics import mean

import pytest
from memory_scheduling_support import INSTANCES, PROBLEM, module, unpacked, verify

from heurigym.problems import Outcome, Verdict

RUNGS = [path.stem for path in PROBLEM.ladder]
SMALL = [name for name in sorted(INSTANCES) if int(name.partition("_")[2]) <= 400]


def run(rung: str, name: str, folder: Path) -> Verdict:
    instance = unpacked(name, folder)
    module(f"ladder/{rung}").solve(str(instance), str(folder / "solution.txt"))
    return verify(instance, folder / "solution.txt")


def test_the_ladder_goes_from_a_crash_to_a_good_heuristic() -> None:
    assert [rung.partition("_")[0] for rung in RUNGS] == ["01", "02", "03", "04", "05", "06", "07"]


def test_the_first_rung_crashes(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        run("01_crash", "demo00_150", tmp_path)
    assert not (tmp_path / "solution.txt").exists()


@pytest.mark.parametrize("name", [instance.name for instance in PROBLEM.instances("demo")])
def test_the_second_rung_forgets_precedence(name: str, tmp_path: Path) -> None:
    verdict = run("02_infeasible", name, tmp_path)
    assert verdict.outcome is Outcome.INFEASIBLE
    assert "precedence" in verdict.message


def test_rungs_rise_and_never_beat_the_expert(tmp_path: Path) -> None:
    qualities = {}
    for rung in RUNGS[2:]:
        values = []
        for name in SMALL:
            objective = run(rung, name, tmp_path).objective
            assert objective is not None, (rung, name)
            assert objective >= PROBLEM.baselines[name].objective, (rung, name)
            values.append(float(PROBLEM.baselines[name].objective / objective))
        qualities[rung] = mean(values)
    naive = max(qualities[rung] for rung in RUNGS[2:5])
    assert naive + 0.03 < qualities["06_list"] < qualities["07_annealing"] - 0.05


@pytest.mark.parametrize("rung", RUNGS[1:])
def test_rungs_are_deterministic(rung: str, tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        run(rung, "demo00_150", tmp_path)
        texts.append((tmp_path / "solution.txt").read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("rung", RUNGS[-2:])
def test_rungs_schedule_the_largest_graph(rung: str, tmp_path: Path) -> None:
    objective = run(rung, "eval23_50000", tmp_path).objective
    assert objective is not None
    assert objective >= PROBLEM.baselines["eval23_50000"].objective


@pytest.mark.parametrize("rung", RUNGS[2:])
def test_rungs_schedule_the_case_graphs(rung: str, tmp_path: Path) -> None:
    for name, least in (("tiny", 7), ("sum_of_products", 32)):
        example = PROBLEM.folder / "cases" / f"{name}.json"
        module(f"ladder/{rung}").solve(str(example), str(tmp_path / "solution.txt"))
        objective = verify(example, tmp_path / "solution.txt").objective
        assert objective is not None
        assert objective >= least


def test_rungs_import_only_what_the_sandbox_has() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "scipy", "networkx", "pandas"}
    for path in PROBLEM.ladder:
        lines = path.read_text().splitlines()
        imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imported <= allowed, path.name
