"""Bad stores, full disks, and a campaign's hunger for memory."""

import asyncio
import gc
import json
import os
import resource
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from campaign_support import content, copied, heurigym, resume, run_to_end, spec, tiny_problem, trajectories
from processes import Descendants, ended, start

from heurigym.agents.trajectory import SCHEMA_VERSION, Attempt, Cell, Trajectory
from heurigym.campaigns.cell import Resources
from heurigym.campaigns.events import Silence
from heurigym.campaigns.runner import run_campaign
from heurigym.campaigns.session import create, run
from heurigym.campaigns.store import Store
from heurigym.errors import InputError
from heurigym.execution.judging import Judge, Judging, sha256
from heurigym.execution.sandbox import SandboxInfo
from heurigym.models.gateway import Gateway, GatewayOptions
from heurigym.problems.problem import find_problem
from heurigym.scoring.summary import summarise

CAMPAIGN = spec(samples=2)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, problems: Path) -> Path:
    """A finished store, not to be written."""
    folder: Path = tmp_path_factory.mktemp("finished") / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEURIGYM_PROBLEMS", str(problems))
        run_to_end(folder, CAMPAIGN)
    return folder


@pytest.fixture
def store(finished: Path, tmp_path: Path) -> Path:
    """A copy of a finished store."""
    return copied(finished, tmp_path / "store")


def refused(*words: object) -> str:
    """The one line that a command is refused with."""
    done = heurigym(*words)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("command", ["resume", "status", "rejudge"])
def test_a_folder_that_is_no_store(tmp_path: Path, command: str) -> None:
    assert f"{tmp_path}: not a store: it has no campaign.json" in refused(command, tmp_path)


def test_a_store_of_a_newer_version(store: Path) -> None:
    path = store / "campaign.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": SCHEMA_VERSION + 1}))
    words = refused("resume", store)
    assert f"{path}: schema_version: {SCHEMA_VERSION + 1} was written by a newer HeuriGym" in words


def test_a_trajectory_of_a_newer_version(store: Path) -> None:
    path, *_ = store.glob("trajectories/**/*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": 99, "novelty": 1}))
    assert f"{path}: schema_version: 99 was written by a newer HeuriGym" in refused("status", store)


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"schema_version": 1}', "\x00" * 100, "[" * 100_000])
def test_a_damaged_trajectory_is_named_before_anything_runs(store: Path, damage: str) -> None:
    path, other = sorted(store.glob("trajectories/**/*.json"))
    other.unlink()
    path.write_text(damage)
    with pytest.raises(InputError) as error:
        run(Store.open(store), Silence())
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    assert not other.exists()
    assert path.read_text() == damage


def test_a_damaged_trajectory_deleted_as_told_is_run_again(store: Path, finished: Path) -> None:
    path, *_ = store.glob("trajectories/**/*.json")
    path.write_text("{")
    assert "delete it to run its cell again" in refused("resume", store)
    path.unlink()
    resume(store)
    assert content(store) == content(finished)


def test_a_new_campaign_never_writes_into_anything(store: Path, tmp_path: Path) -> None:
    before = content(store)
    run = ("run", "-m", "scripted/ladder", "-p", "subset", "--out")
    assert f"already holds a campaign; go on with `heurigym resume {store}`" in refused(*run, store)
    (tmp_path / "notes.txt").touch()
    assert f"{tmp_path}: is not empty" in refused(*run, tmp_path)
    assert "cannot be written" in refused(*run, tmp_path / "notes.txt" / "store")
    assert "cannot be written" in refused(*run, "/proc/store")
    assert content(store) == before


def test_what_a_killed_start_has_left_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / ".campaign.json.part").write_text("{")
    create(CAMPAIGN, folder)
    assert sorted(path.name for path in folder.iterdir() if path.name != ".lock") == ["campaign.json"]


def test_two_processes_do_not_run_one_store(store: Path) -> None:
    with Store.open(store).locked():
        assert "another process is running this campaign" in refused("resume", store)


class FillingUp(Silence):
    """A watcher after whose second attempt no file may grow beyond two kilobytes any more."""

    def __init__(self) -> None:
        self._left = 2

    def attempt_ended(self, cell: Cell, attempt: Attempt, trajectory: Trajectory) -> None:
        self._left -= 1
        if self._left == 0:
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))


def run_until_full(folder: Path) -> None:
    try:
        run(Store.open(folder), FillingUp())
    except OSError as error:
        os._exit(3 if error.errno is not None else 4)


def test_a_full_disk_leaves_whole_what_is_stored(tmp_path: Path, finished: Path, nothing_left: Descendants) -> None:
    folder = tmp_path / "store"
    create(CAMPAIGN, folder)
    assert ended(start(run_until_full, folder)) == 3
    assert nothing_left.wait_for_end() == []
    stored = trajectories(folder)
    assert sum(attempt["complete"] for one in stored.values() for attempt in one["attempts"]) == 2
    assert not list(folder.rglob("*.part"))
    resume(folder)
    assert content(folder) == content(finished)


def test_a_full_disk_is_said_in_one_line(tmp_path: Path, nothing_left: Descendants) -> None:
    folder = tmp_path / "store"
    create(CAMPAIGN, folder)
    done = heurigym("resume", folder, preexec_fn=_small_files)
    assert done.returncode == 1
    assert f"{folder}: cannot be written (File too large); make room" in done.stderr
    assert done.stderr.count("\n") == 1
    assert trajectories(folder) == {}


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


class InstantJudge:
    """A judge that has every program fail at once, for campaigns of many cells."""

    def __init__(self) -> None:
        self.sandbox = self

    def describe(self) -> SandboxInfo:
        return SandboxInfo(name="none", official=False, python="3.11.7", packages={}, details={}, flags=())

    def judge(self, problem: Any, program: str, instances: Any, *, split: str, **_: Any) -> Judging:
        return Judging(
            problem=problem.name,
            program_sha256=sha256(program),
            split=split,
            sandbox="none",
            summary=summarise([]),
            runs=(),
        )


def grown(folder: Path, cells: int) -> Iterator[int]:
    """Bytes that a campaign of so many cells holds at its most, and afterwards."""

    async def main() -> None:
        gateway = Gateway(campaign.models, GatewayOptions())
        await run_campaign(Resources(store, gateway, judge, problems, Silence()))

    campaign = spec(samples=cells, iterations=2)
    store = Store(folder, create(campaign.model_copy(update={"samples": 1}), folder).campaign)
    store.campaign = store.campaign.model_copy(update={"spec": campaign})
    judge = cast(Judge, InstantJudge())
    problems = {"subset": find_problem("subset")}
    gc.collect()
    tracemalloc.start()
    asyncio.run(main())
    gc.collect()
    left, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(trajectories(folder)) == cells
    yield from (most, left)


def test_memory_does_not_grow_with_the_number_of_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "problems"
    for program in (tiny_problem(folder) / "ladder").glob("*.py"):
        program.write_text(program.read_text() + "# long\n" * 3000)
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(folder))
    list(grown(tmp_path / "first", 10))
    few = list(grown(tmp_path / "few", 20))
    many = list(grown(tmp_path / "many", 120))
    # The programs of a trajectory alone are 80 kB, so that keeping 100 more of them would take 8 MB.
    # What is allowed here is noise of the interpreter's own caches.
    assert [more - less < 500_000 for more, less in zip(many, few, strict=True)] == [True, True]
