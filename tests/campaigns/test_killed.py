"""A campaign that is killed at any moment loses at most the step under way, and ends as if nothing had happened."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from campaign_support import content, copied, resume, run_to_end, spec, trajectories
from processes import Descendants, ended, kill, start, wait_until

from heurigym.agents.trajectory import Attempt, Cell, Trajectory
from heurigym.campaigns.events import Progress
from heurigym.campaigns.session import create, run
from heurigym.campaigns.store import Store

CAMPAIGN = spec(samples=2, strategies=["refine", {"name": "evolve", "options": {"islands": 1}}], cells_at_once=2)
"""Some 80 events: four for each attempt, and for each cell its start, judgings on eval and its end."""

EVENTS = (0, 2, 5, 3, 6, 4, 7, 5, 3, 6, 5, 4, 7)
"""The event at which the process kills itself, one after the other."""

DELAYS = (0.0, 0.01, 0.02, 0.04, 0.005, 0.03, 0.015, 0.025)
"""How long after a change of the store the process is killed from outside, in seconds."""


class Doomed:
    """A watcher that notes what is stored, and kills its process at event number ``last``."""

    def __init__(self, notes: Path, last: int) -> None:
        self._notes = notes
        self._left = last

    def _event(self, note: str = "") -> None:
        if note:
            with self._notes.open("a") as file:
                file.write(f"{note}\n")
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def cell_started(self, cell: Cell, trajectory: Trajectory) -> None:
        self._event()

    def calling(self, cell: Cell, number: int) -> None:
        self._event()

    def judging(self, cell: Cell, number: int, progress: Progress) -> None:
        # What is being judged was paid for, and must be stored by now.
        self._event(json.dumps([cell.strategy, cell.sample, number, "reply"]))

    def attempt_ended(self, cell: Cell, attempt: Attempt, trajectory: Trajectory) -> None:
        self._event(json.dumps([cell.strategy, cell.sample, attempt.number]))

    def cell_ended(self, cell: Cell, trajectory: Trajectory) -> None:
        self._event(json.dumps([cell.strategy, cell.sample, "end"]))


def run_doomed(folder: Path, notes: Path, last: int) -> None:
    run(Store.open(folder), Doomed(notes, last))


def stored_steps(folder: Path) -> list[Any]:
    """What a store says was done, in the words of the notes."""
    steps: list[Any] = []
    for trajectory in trajectories(folder).values():
        where = [trajectory["cell"]["strategy"], trajectory["cell"]["sample"]]
        steps += [[*where, attempt["number"], "reply"] for attempt in trajectory["attempts"] if attempt["reply"]]
        steps += [[*where, attempt["number"]] for attempt in trajectory["attempts"] if attempt["complete"]]
        if trajectory["status"] == "finished":
            steps.append([*where, "end"])
    return steps


def attempts(folder: Path) -> list[Any]:
    return [attempt for trajectory in trajectories(folder).values() for attempt in trajectory["attempts"]]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, problems: Path) -> Path:
    """The store of the campaign run in one go."""
    folder: Path = tmp_path_factory.mktemp("undisturbed") / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEURIGYM_PROBLEMS", str(problems))
        run_to_end(folder, CAMPAIGN)
    return folder


def test_killed_at_many_moments_and_resumed(tmp_path: Path, undisturbed: Path, nothing_left: Descendants) -> None:
    store, notes = tmp_path / "store", tmp_path / "notes"
    create(CAMPAIGN, store)
    notes.touch()
    midway = 0
    for last in EVENTS:
        assert ended(start(run_doomed, store, notes, last)) == -signal.SIGKILL
        noted = [json.loads(line) for line in notes.read_text().splitlines()]
        assert [step for step in noted if step not in stored_steps(store)] == []
        midway += any(not attempt["complete"] for attempt in attempts(store))
    assert midway >= 3
    for delay in DELAYS:
        kill_after_change(store, delay)
    assert nothing_left.wait_for_end() == []
    assert ended(start(resume, store)) == 0
    assert content(store) == content(undisturbed)


def kill_after_change(store: Path, delay_s: float) -> None:
    """Resume, wait for the next change of the store, and kill a moment later."""
    before = json.dumps(trajectories(store))
    process = start(resume, store)
    wait_until(lambda: not process.is_alive() or json.dumps(trajectories(store)) != before)
    time.sleep(delay_s)
    kill(process)


def test_a_finished_campaign_is_left_as_it_is(tmp_path: Path, undisturbed: Path) -> None:
    store = copied(undisturbed, tmp_path / "store")
    before = {path: path.read_bytes() for path in store.rglob("*.json")}
    resume(store)
    assert {path: path.read_bytes() for path in store.rglob("*.json")} == before
