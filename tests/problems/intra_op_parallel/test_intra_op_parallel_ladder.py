"""The scripted programs: each does what its rung promises, the same every time, and none beats the expert."""

import sys
from pathlib import Path
from statistics import mean

import pytest
from intra_op_parallel_support import INSTANCES, PROBLEM, module, unpacked, verify

from heurigym.problems import Outcome, Verdict

RUNGS = [path.stem for path in PROBLEM.ladder]
SMALL = [name for name in sorted(INSTANCES) if int(name.partition("_")[2]) <= 120]


def run(rung: str, name: str, folder: Path) -> Verdict:
    instance = unpacked(name, folder)
    module(f"ladder/{rung}").solve(str(instance), str(folder / "solution.txt"))
    return verify(instance, folder / "solution.txt")


@pytest.fixture(autouse=True)
def fewer_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module("ladder/06_annealing"), "MOVES", 15_000)


def test_the_ladder_goes_from_a_crash_to_a_good_heuristic() -> None:
    assert [rung.partition("_")[0] for rung in RUNGS] == ["01", "02", "03", "04", "05", "06"]


def test_the_first_rung_crashes(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        run("01_crash", "demo00_40", tmp_path)
    assert not (tmp_path / "solution.txt").exists()


def test_the_second_rung_forgets_memory(tmp_path: Path) -> None:
    verdict = run("02_infeasible", "demo00_40", tmp_path)
    assert verdict.outcome is Outcome.INFEASIBLE
    assert "memory" in verdict.message


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
    assert qualities == sorted(qualities)
    assert qualities[0] + 0.1 < qualities[1] < qualities[2] < qualities[3] < 0.995


@pytest.mark.parametrize("rung", RUNGS[1:])
def test_rungs_are_deterministic(rung: str, tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        run(rung, "eval02_60", tmp_path)
        texts.append((tmp_path / "solution.txt").read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("rung", RUNGS[2:])
def test_rungs_answer_every_shape_of_program(rung: str, tmp_path: Path) -> None:
    for name, least in (("two_layers", 62), ("no_limit", 5), ("null_limit", 5), ("empty_program", 0)):
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
