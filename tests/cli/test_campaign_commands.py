"""A campaign as a user runs it: run, status, resume, rejudge, and a leaderboard of it."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Command

from heurigym.problems.scaffolding import scaffold


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a problem folder ``subset`` in it, which no command finds by its name."""
    folder = tmp_path_factory.mktemp("workplace")
    scaffold("subset", folder)
    return folder


@pytest.fixture(scope="module")
def store(heurigym: Command, workplace: Path) -> Iterator[Path]:
    """The store of a finished campaign; its problem was named from inside the problem's own folder."""
    done = heurigym(
        *("run", "-m", "scripted/ladder", "-p", ".", "--iterations", 3, "--out", "../store"),
        cwd=workplace / "subset",
    )
    assert (done.returncode, done.stderr) == (0, "")
    folder = workplace / "store"
    before = contents(folder)
    yield folder
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_status_tells_how_far_it_is_and_what_it_scored(heurigym: Command, store: Path) -> None:
    done = heurigym("status", store)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 cells: 1 finished; 3 attempts; $0.0000 spent" in done.stdout
    assert "scripted/ladder" in done.stdout


def test_resume_from_elsewhere_has_nothing_left_to_do(heurigym: Command, store: Path, tmp_path: Path) -> None:
    done = heurigym("resume", store, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "attempt 1 of 3" not in done.stdout


def test_rejudge_writes_a_store_of_its_own(heurigym: Command, store: Path, tmp_path: Path) -> None:
    target = tmp_path / "again"
    done = heurigym("rejudge", store, "--out", target, "--json", "-")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"store": str(target), "attempts": 3, "unscored": 0, "differences": []}
    assert [path.name for path in tmp_path.iterdir()] == ["again"]
    assert "1 cells: 1 finished; 3 attempts" in heurigym("status", target).stdout
    again = heurigym("rejudge", store, "--out", target)
    assert again.returncode == 2
    assert again.stderr == f"heurigym: {target}: is not empty; name a new folder with --out\n"


def test_rejudge_that_is_stopped_leaves_nothing(heurigym: Command, store: Path, tmp_path: Path) -> None:
    """A part of a store would look like a campaign whose other cells are still to be paid for."""
    stopping = (
        "from heurigym.campaigns.store import Store\n"
        "def stop(store, trajectory): raise KeyboardInterrupt\n"
        "Store.save = stop\n"
        "from heurigym.cli.main import main\n"
        "main()\n"
    )
    words = [sys.executable, "-c", stopping, "rejudge", str(store), "--out", str(tmp_path / "again")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (1, "heurigym: stopped\n")
    assert list(tmp_path.iterdir()) == []


def test_rejudge_on_fresh_instances(heurigym: Command, store: Path) -> None:
    words = ("rejudge", store, "--instances", "fresh", "--seed", 3, "--count", 2, "--time", 1, "--json", "-")
    done = heurigym(*words)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["rejudged"]
    assert found["cell"]["problem"] == "subset"
    assert found["fresh"]["summary"]["instances"] == 2
    assert found["fresh"]["summary"]["qyi"] > 0


def test_a_leaderboard_of_it(heurigym: Command, store: Path, tmp_path: Path) -> None:
    done = heurigym("leaderboard", "build", store, "--out", tmp_path / "site")
    assert (done.returncode, done.stderr) == (0, "")
    assert "index.html" in done.stdout
    with (tmp_path / "site" / "results.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["problem"], row["model"], row["strategy"]) == ("subset", "scripted/ladder", "refine")
    for column in ("qyi", "yield", "quality"):
        assert {column, f"{column}_low", f"{column}_high"} <= set(row)
    assert json.loads((tmp_path / "site" / "results.json").read_text())


def test_an_entry_that_names_nothing_of_this_machine(heurigym: Command, store: Path, tmp_path: Path) -> None:
    entry = tmp_path / "entry.zip"
    done = heurigym("leaderboard", "submit", store, "--out", entry)
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(entry) as packed:
        text = b"".join(packed.read(name) for name in packed.namelist())
    assert text
    assert str(store.parent).encode() not in text
    assert os.uname().nodename.encode() not in text


def test_an_entry_proves_itself_and_a_doctored_one_does_not(
    heurigym: Command, store: Path, workplace: Path, tmp_path: Path
) -> None:
    environment = os.environ | {"HEURIGYM_PROBLEMS": str(workplace)}
    assert heurigym("leaderboard", "submit", store, "--out", tmp_path / "entry").returncode == 0
    done = heurigym("leaderboard", "verify", tmp_path / "entry", env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "entry proves itself: 1 trajectories, 2 programs" in done.stdout
    done = heurigym("leaderboard", "verify", tmp_path / "entry", "--share", 0, "--seed", 5, env=environment)
    assert "entry passes a spot check with seed 5" in done.stdout
    path = next((tmp_path / "entry").rglob("0.json"))
    content = json.loads(path.read_text())
    content["attempts"][1]["eval"]["runs"][0]["objective"] += 1
    path.write_text(json.dumps(content))
    done = heurigym("leaderboard", "verify", tmp_path / "entry", "--json", "-", env=environment)
    assert done.returncode == 1
    assert {each["kind"] for each in json.loads(done.stdout)["differences"]} >= {"objective", "score"}


def test_a_name_leads_nowhere_else(heurigym: Command, workplace: Path, tmp_path: Path) -> None:
    campaign = f"name: ../../bœhm\nmodels: [scripted/ladder]\nproblems: [{workplace / 'subset'}]\niterations: 1\n"
    (tmp_path / "campaign.yaml").write_text(campaign)
    done = heurigym("run", "campaign.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (store,) = (tmp_path / "runs").iterdir()
    assert (store / "campaign.json").is_file()


def test_a_linked_problem_folder_goes_by_its_own_name(heurigym: Command, workplace: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(workplace / "subset")
    done = heurigym(
        *("run", "-m", "scripted/ladder", "-p", "./link", "--iterations", 1, "--out", "store"), cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "subset / scripted/ladder" in done.stdout
