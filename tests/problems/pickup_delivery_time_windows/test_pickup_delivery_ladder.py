"""The scripted programs: each does what its rung promises, the same every time, and none beats the expert."""

import sys
from pathlib import Path
from statistics import mean

import pytest
from pickup_delivery_support import INSTANCES, PROBLEM, module, requests_of, unpacked, verify

from heurigym.problems import Outcome, Verdict

RUNGS = [path.stem for path in PROBLEM.ladder]
SMALL = [name for name in sorted(INSTANCES) if requests_of(name) <= 20]
DEMOS = [instance.name for instance in PROBLEM.instances("demo")]


def run(rung: str, name: str, folder: Path) -> Verdict:
    instance = unpacked(name, folder)
    module(f"ladder/{rung}").solve(str(instance), str(folder / "solution.txt"))
    return verify(instance, folder / "solution.txt")


def test_the_ladder_goes_from_a_crash_to_a_good_heuristic() -> None:
    assert [rung.partition("_")[0] for rung in RUNGS] == ["01", "02", "03", "04", "05", "06", "07"]


def test_the_first_rung_crashes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        run("01_crash", "demo00_10", tmp_path)
    assert not (tmp_path / "solution.txt").exists()


@pytest.mark.parametrize("name", DEMOS)
def test_the_second_rung_has_too_few_vehicles(name: str, tmp_path: Path) -> None:
    verdict = run("02_one_vehicle_each", name, tmp_path)
    assert verdict.outcome is Outcome.INFEASIBLE
    assert "vehicles" in verdict.message


@pytest.mark.parametrize("rung", RUNGS[2:5])
@pytest.mark.parametrize("name", DEMOS[:4])
def test_one_pass_obeys_all_rules_but_the_fleet(rung: str, name: str, tmp_path: Path) -> None:
    verdict = run(rung, name, tmp_path)
    assert verdict.outcome is Outcome.FEASIBLE or "routes are more than the" in verdict.message
    assert verdict.objective is None or verdict.number >= PROBLEM.baselines[name].objective


def test_searching_rungs_rise_and_never_beat_the_expert(tmp_path: Path) -> None:
    qualities = {}
    for rung in RUNGS[-2:]:
        values = []
        for name in SMALL:
            verdict = run(rung, name, tmp_path)
            assert verdict.number is not None, (rung, name, verdict.message)
            assert verdict.number >= PROBLEM.baselines[name].objective, (rung, name)
            values.append(float(PROBLEM.baselines[name].objective) / float(verdict.number))
        qualities[rung] = mean(values)
    assert 0.85 < qualities["06_hill_climbing"] <= qualities["07_annealing"]


@pytest.mark.parametrize("rung", RUNGS[1:])
def test_rungs_are_deterministic(rung: str, tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        run(rung, "demo00_10", tmp_path)
        texts.append((tmp_path / "solution.txt").read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("rung", RUNGS[2:])
def test_rungs_solve_the_worked_example(rung: str, tmp_path: Path) -> None:
    example = PROBLEM.folder / "cases" / "three_requests.pdptw"
    module(f"ladder/{rung}").solve(str(example), str(tmp_path / "solution.txt"))
    assert verify(example, tmp_path / "solution.txt").outcome is Outcome.FEASIBLE


def test_rungs_import_only_what_the_sandbox_has() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "scipy", "networkx", "pandas"}
    for path in PROBLEM.ladder:
        lines = path.read_text().splitlines()
        imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imported <= allowed, path.name
