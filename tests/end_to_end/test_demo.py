"""``make demo``: one command from a checkout to a score table and a leaderboard that proves itself."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(word) for word in words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=900
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The store of the demonstration, and what was printed."""
    store = tmp_path_factory.mktemp("demo") / "store"
    binaries = Path(sys.executable).parent
    done = run("make", "--assume-old=setup", "demo", f"DEMO={store}", f"BIN={binaries}")
    assert done.returncode == 0, done.stdout + done.stderr
    return store, done.stdout


def test_it_ends_in_a_score_table_and_a_page(demo: tuple[Path, str]) -> None:
    store, printed = demo
    # A make that runs within another one says so in lines of its own.
    lines = [line for line in printed.strip().splitlines() if not line.startswith("make")]
    page = Path(lines[-1].removeprefix("leaderboard: "))
    assert page.is_file()
    assert page.is_relative_to(store.parent)
    assert "operator_scheduling: " in printed
    assert "scripted/ladder" in printed


def test_the_ladder_climbs_and_is_marked_as_a_script(demo: tuple[Path, str]) -> None:
    store, _ = demo
    (file,) = store.glob("trajectories/**/*.json")
    trajectory = json.loads(file.read_text())
    scores = [attempt["demo"]["summary"]["qyi"] for attempt in trajectory["attempts"]]
    assert scores[0] == 0
    assert scores[-1] > scores[2] > 0
    assert trajectory["is_script"]
    assert trajectory["official"]
    with (Path(f"{store}-site") / "results.csv").open() as table:
        (row,) = csv.DictReader(table)
    assert 0 < float(row["qyi_low"]) <= float(row["qyi"]) <= float(row["qyi_high"]) <= 1


def test_the_store_proves_itself(demo: tuple[Path, str]) -> None:
    store, _ = demo
    done = run(sys.executable, "-m", "heurigym.cli.main", "leaderboard", "verify", store)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "proves itself" in done.stdout
