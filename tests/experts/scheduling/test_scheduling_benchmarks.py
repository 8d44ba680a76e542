"""The benchmark scripts of the scheduling family, through their command lines."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="the experts need heurigym[experts]")
pytest.importorskip("ortools", reason="the experts need heurigym[experts]")

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = Path(os.environ.get("HEURIGYM_DATA") or ROOT.parent / "shared" / "data") / "operator_scheduling"
SMALL_GOLDENS = ["arf", "cosine1", "ewf", "fir1", "h2v2", "hal", "horner", "idctcol", "invert", "write"]


def run(script, *arguments):
    command = [sys.executable, ROOT / "benchmarks" / script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_published_optima_of_the_public_graphs_are_found_again():
    if not PUBLIC.is_dir():
        pytest.skip(f"no public instances in {PUBLIC.parent}: set HEURIGYM_DATA to the folder that has them")
    done = run("scheduling_goldens.py", PUBLIC, "--only", *SMALL_GOLDENS, "--time", 1.5)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| idctcol | 114 | 19 | 5, 6 | 5, 6 |" in done.stdout
    assert "| invert | 333 | 15 | 24, 22 | 24, 22 | 46 |" in done.stdout


def test_runs_are_made_once_verified_and_shown(tmp_path):
    pytest.importorskip("matplotlib", reason="the picture needs heurigym[experts]")
    out, plot = tmp_path / "figures.jsonl", tmp_path / "figures.svg"
    chosen = ("--topic", "resource", "--method", "list", "local search", "--instance", "eval00_60", "demo00_80")
    first = run("experts_scheduling.py", "--out", out, *chosen, "--budget", 0.3)
    assert first.returncode == 0, first.stderr
    assert "4 runs, at most" in first.stderr
    made = lines(out)
    assert {(run["method"], run["instance"]) for run in made} == {
        (method, instance) for method in ("list", "local search") for instance in ("eval00_60", "demo00_80")
    }
    assert all(run["bound"] <= run["objective"] for run in made)
    assert "| method | 0.3 s | best known |" in first.stdout
    again = run("experts_scheduling.py", "--out", out, *chosen, "--budget", 0.3, 0.4, "--plot", plot)
    assert again.returncode == 0, again.stderr
    later = lines(out)[len(made) :]
    assert {(run["method"], run["budget_s"]) for run in later} <= {("local search", 0.4)}
    assert "<svg" in plot.read_text()


def test_what_has_a_proven_optimum_is_not_run_with_a_larger_budget(tmp_path):
    """The stored bound of eval00_60 is 59, so only the worse of these two runs has something left to find."""
    out = tmp_path / "figures.jsonl"
    made = [
        {
            "topic": "resource",
            "method": method,
            "instance": "eval00_60",
            "nodes": 44,
            "budget_s": 0.3,
            "seed": 0,
            "seconds": 0.3,
            "objective": objective,
            "bound": None,
        }
        for method, objective in (("local search", 59), ("GauS", 60))
    ]
    out.write_text("".join(json.dumps(run) + "\n" for run in made))
    chosen = ("--topic", "resource", "--instance", "eval00_60", "--method", "local search", "GauS")
    done = run("experts_scheduling.py", "--out", out, *chosen, "--budget", 0.3, 0.4)
    assert done.returncode == 0, done.stderr
    later = lines(out)[len(made) :]
    assert [(run["method"], run["budget_s"]) for run in later] == [("GauS", 0.4)]
    assert "| local search | 1.000 | 1 of 1 | 1.000 | 1 of 1 |" in done.stdout


def test_better_answers_are_kept_when_asked_for(tmp_path):
    """In a copy of the project in which the stored value of eval00_60 is worse than what local search finds."""
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks")
    folder = tmp_path / "problems" / "resource_scheduling"
    shutil.copytree(ROOT / "problems" / "resource_scheduling", folder)
    stored = json.loads((folder / "baselines.json").read_text())
    stored["instances"]["eval00_60"] |= {"objective": 62, "bound": None, "optimal": False}
    (folder / "baselines.json").write_text(json.dumps(stored))
    chosen = ("--topic", "resource", "--instance", "eval00_60", "--method", "local search", "--budget", 0.3)
    for keep, objective, solver in (((), 62, "local search"), (("--keep",), 59, "local search")):
        script = tmp_path / "benchmarks" / "experts_scheduling.py"
        done = run(script, "--out", tmp_path / f"figures{len(keep)}.jsonl", *chosen, *keep)
        assert done.returncode == 0, done.stderr
        record = json.loads((folder / "baselines.json").read_text())["instances"]["eval00_60"]
        assert (record["objective"], record["solver"]) == (objective, solver)
    assert (folder / record["solution"]).is_file()


@pytest.mark.parametrize(
    ("topic", "instance", "methods"), [("pipelined", "eval02_50", 8), ("memory", "eval00_120", 8)]
)
def test_every_method_gives_schedules_that_the_problem_accepts(tmp_path, topic, instance, methods):
    """The benchmark ends at the first schedule that the problem's verifier refuses or measures otherwise."""
    pytest.importorskip("jax", reason="GauS needs heurigym[experts]")
    out = tmp_path / "figures.jsonl"
    done = run("experts_scheduling.py", "--out", out, "--topic", topic, "--instance", instance, "--budget", 1)
    assert done.returncode == 0, done.stderr
    made = lines(out)
    assert len({run["method"] for run in made}) == methods
    assert all(run["bound"] is None or run["bound"] <= run["objective"] for run in made)
    best = min(run["objective"] for run in made)
    assert next(run["objective"] for run in made if run["method"] == "portfolio") <= 1.1 * best


def test_a_broken_line_and_an_unknown_name_are_refused_in_one_line(tmp_path):
    out = tmp_path / "figures.jsonl"
    out.write_text("{}\n")
    done = run("experts_scheduling.py", "--out", out, "--topic", "resource", "--show")
    assert done.returncode == 1
    assert "figures.jsonl: line 1 is no run" in done.stderr
    done = run("experts_scheduling.py", "--out", tmp_path / "none", "--topic", "resource", "--method", "magic")
    assert done.returncode == 1
    assert "--method: 'magic' is unknown; choose among" in done.stderr
