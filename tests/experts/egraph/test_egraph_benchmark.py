"""The benchmark script of e-graph extraction, through its command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="the experts need heurigym[experts]")
pytest.importorskip("highspy", reason="the experts need heurigym[experts]")

ROOT = Path(__file__).resolve().parents[3]
INSTANCE = ROOT / "problems" / "egraph_extraction" / "instances" / "demo" / "demo01_mcm_466.json"
OPTIMUM = 151


def benchmark(*arguments):
    command = [sys.executable, ROOT / "benchmarks" / "experts_egraph.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path, *runs):
    path.write_text("".join(json.dumps(run) + "\n" for run in runs))


def line(method, budget, seconds, cost, optimal=False, trace=(), instance="demo01_mcm_466"):
    return {
        "instance": instance,
        "nodes": 466,
        "method": method,
        "budget_s": budget,
        "seconds": seconds,
        "cost": cost,
        "bound": cost if optimal else None,
        "optimal": optimal,
        "trace": trace,
    }


def test_methods_are_run_once_and_shown(tmp_path):
    out = tmp_path / "figures.jsonl"
    chosen = (
        "run",
        "--out",
        out,
        "--method",
        "tree",
        "--method",
        "plain",
        "--budget",
        20,
        "--budget",
        30,
        INSTANCE,
    )
    done = benchmark(*chosen)
    assert done.returncode == 0, done.stderr
    made = lines(out)
    assert [run["method"] for run in made] == ["tree", "plain"], "a run that ended is not repeated"
    tree, plain = made
    assert plain["optimal"] and plain["cost"] == OPTIMUM <= tree["cost"]
    assert benchmark(*chosen).returncode == 0
    assert lines(out) == made
    shown = benchmark("table", out)
    assert shown.returncode == 0, shown.stderr
    assert f"{OPTIMUM}* (" in shown.stdout


def test_what_has_a_proven_optimum_is_not_run_with_a_larger_budget(tmp_path):
    out = tmp_path / "figures.jsonl"
    write(out, line("plain", 10.0, 2.0, OPTIMUM, optimal=True), line("anneal", 0.5, 0.5, OPTIMUM))
    before = lines(out)
    done = benchmark("run", "--out", out, "--method", "anneal", "--budget", 0.7, INSTANCE)
    assert done.returncode == 0, done.stderr
    assert lines(out) == before


def test_what_is_not_proven_is_run_with_a_larger_budget(tmp_path):
    out = tmp_path / "figures.jsonl"
    write(out, line("anneal", 0.5, 0.5, OPTIMUM))
    assert benchmark("run", "--out", out, "--method", "anneal", "--budget", 0.7, INSTANCE).returncode == 0
    assert [run["budget_s"] for run in lines(out)] == [0.5, 0.7]


def test_a_long_run_of_highs_tells_what_it_had_found_before(tmp_path):
    """Annealing spreads its temperatures over its budget, so a long run of it says nothing of a short one."""
    out = tmp_path / "figures.jsonl"
    trace = [(5.0, 9.0), (50.0, 7.0), (200.0, 6.0)]
    write(
        out,
        line("tree", 10.0, 0.1, 12.0),
        line("tree", 60.0, 0.1, 12.0),
        line("plain", 300.0, 300.0, 6.0, trace=trace),
        line("anneal", 300.0, 300.0, 5.0, trace=trace),
    )
    shown = benchmark("table", out)
    assert shown.returncode == 0, shown.stderr
    rows = [row for row in shown.stdout.splitlines() if row.startswith("| demo01")]
    assert rows == [
        "| demo01_mcm_466 | 466 | 10 | 12 (0.1 s) | 9 (10 s) |  |",
        "| demo01_mcm_466 | 466 | 60 | 12 (0.1 s) | 7 (60 s) |  |",
        "| demo01_mcm_466 | 466 | 300 | 12 (0.1 s) | 6 (300 s) | 5 (300 s) |",
    ]


def test_a_missing_instance_is_refused_in_one_line(tmp_path):
    done = benchmark("run", "--out", tmp_path / "figures.jsonl", tmp_path / "absent.json")
    assert done.returncode == 2
    assert done.stderr.strip().endswith("absent.json: there is no such file")
