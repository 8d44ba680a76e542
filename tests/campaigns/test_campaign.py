"""Campaigns from the command line: run, status, resume, and what is in the store."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from campaign_support import content, heurigym, resume, run_to_end, spec, tiny_problem, trajectories
from processes import Descendants, ended, start, wait_until

from heurigym.campaigns.events import Silence
from heurigym.campaigns.session import create, run

RUN = ("run", "-m", "scripted/ladder", "-p", "subset", "--iterations", 3)


def test_a_fresh_run_its_status_and_a_resume(tmp_path: Path, nothing_left: Descendants) -> None:
    store = tmp_path / "store"
    done = heurigym(*RUN, "--samples", 2, "--out", store)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = trajectories(store).values()
    for trajectory in (first, second):
        assert trajectory["status"] == "finished"
        assert [attempt["demo"]["summary"]["yield"] for attempt in trajectory["attempts"]] == [1.0, 1.0, 0.0]
        assert all(attempt["complete"] and attempt["eval"] for attempt in trajectory["attempts"])
        # The greedy program is selected, not the one that comes last.
        assert trajectory["selected"] == 1
        assert trajectory["is_script"]
    assert first["seed"] != second["seed"]
    status = heurigym("status", store)
    assert status.returncode == 0
    assert "2 cells: 2 finished; 6 attempts; $0.0000 spent" in status.stdout
    before = content(store)
    assert heurigym("resume", store).returncode == 0
    assert content(store) == before


def test_two_runs_give_the_same_store_up_to_times(tmp_path: Path) -> None:
    strategies = [{"name": "refine", "options": {"history": "best_and_last"}}, "best_of_n", "evolve", "tools"]
    campaign = spec(strategies=strategies, samples=1, iterations=4)
    one = run_to_end(tmp_path / "one", campaign)
    other = run_to_end(tmp_path / "other", campaign)
    assert len(trajectories(one.folder)) == 4
    assert content(one.folder) == content(other.folder)


def test_the_order_and_number_of_cells_at_once_change_nothing(tmp_path: Path) -> None:
    stores = [run_to_end(tmp_path / str(count), spec(cells_at_once=count)) for count in (1, 3)]
    one, other = (trajectories_without_times(store.folder) for store in stores)
    assert one == other


def trajectories_without_times(folder: Path) -> object:
    return {name: value for name, value in content(folder).items() if name != "campaign.json"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_and_resume_goes_on(
    tmp_path: Path, nothing_left: Descendants, number: signal.Signals
) -> None:
    store = tmp_path / "store"
    command = [sys.executable, "-m", "heurigym.cli.main", *map(str, RUN), "--samples", "30", "--out", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: trajectories(store))
    process.send_signal(number)
    printed, complaints = process.communicate()
    assert process.returncode == 1
    assert complaints == ""
    assert f"stopped; go on with: heurigym resume {store}" in printed
    assert nothing_left.wait_for_end() == []
    assert 0 < len(trajectories(store)) < 30
    assert not list(store.rglob("*.part"))
    assert ended(start(resume, store)) == 0
    assert [one["status"] for one in trajectories(store).values()] == ["finished"] * 30


def test_a_program_that_sleeps_does_not_hold_up_a_stop(
    tmp_path: Path, nothing_left: Descendants, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sleepy"
    problem = tiny_problem(folder, "sleepy")
    limits = (problem / "problem.yaml").read_text().replace("time_s: 10", "time_s: 3000")
    (problem / "problem.yaml").write_text(limits)
    for program in (problem / "ladder").glob("*.py"):
        program.write_text("import time\n\ndef solve(input_file, solution_file):\n    time.sleep(3000)\n")
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(folder))
    store = tmp_path / "store"
    create(spec(problems=["sleepy"], samples=1), store)
    process = start(resume_until_stopped, store)
    wait_until(lambda: trajectories(store))
    time.sleep(0.5)
    assert process.pid is not None
    subprocess.run(["kill", "-INT", str(process.pid)], check=True)
    assert ended(process) == 1


def resume_until_stopped(folder: Path) -> None:
    from heurigym.campaigns.session import Interrupted

    try:
        resume(folder)
    except Interrupted:
        sys.exit(1)


VERIFIER = """
import pathlib

from heurigym.problems import verifier


@verifier
def verify(instance, solution):
    if pathlib.Path({flag!r}).exists() and "capacity" in instance[0].read_text():
        raise RuntimeError("a bug of the verifier")
    return 1
"""


@pytest.mark.parametrize("evaluate", ["all", "selected"])
def test_a_failure_of_the_harness_is_never_scored_and_resume_judges_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evaluate: str
) -> None:
    flag, folder, store = tmp_path / "broken", tmp_path / "problems", tmp_path / "store"
    problem = tiny_problem(folder, "flaky")
    (problem / "verifier.py").write_text(VERIFIER.format(flag=str(flag)))
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(folder))
    flag.touch()
    created = create(spec(problems=["flaky"], samples=1, evaluate=evaluate), store)
    result = run(created, Silence())
    assert not result.complete
    (trajectory,) = trajectories(store).values()
    assert trajectory["status"] == "failed"
    assert "the harness could not judge attempt 0 on 1 of 1 demo instances (small: " in trajectory["error"]
    (attempt,) = trajectory["attempts"]
    assert (attempt["complete"], attempt["demo"], attempt["eval"]) == (False, None, None)
    flag.unlink()
    assert run(created, Silence()).complete
    (trajectory,) = trajectories(store).values()
    assert trajectory["error"] is None
    assert trajectory["attempts"][0]["reply"] == attempt["reply"]
    assert [one["demo"]["summary"]["unscored"] for one in trajectory["attempts"]] == [0, 0, 0]


def test_a_changed_problem_is_not_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, store = tmp_path / "problems", tmp_path / "store"
    problem = tiny_problem(folder, "moving")
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(folder))
    run_to_end(store, spec(problems=["moving"], samples=1, iterations=1))
    (problem / "instances" / "eval" / "medium.json").write_text(json.dumps({"capacity": 5, "weights": [5]}))
    done = heurigym("resume", store)
    assert done.returncode == 2
    assert "its problem changed since" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_campaign_goes_on_with_better_expert_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, store = tmp_path / "problems", tmp_path / "store"
    problem = tiny_problem(folder, "moving")
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(folder))
    run_to_end(store, spec(problems=["moving"], samples=1, iterations=2))
    ((name, before),) = trajectories(store).items()
    before |= {"status": "running", "selected": None, "attempts": before["attempts"][:1]}
    (store / name).write_text(json.dumps(before))
    path = problem / "baselines.json"
    experts = json.loads(path.read_text())
    for record in experts["instances"].values():
        record |= {"objective": 2 * record["objective"], "bound": None, "optimal": False}
    path.write_text(json.dumps(experts))
    done = heurigym("resume", store)
    assert (done.returncode, done.stderr) == (0, "")
    (after,) = trajectories(store).values()
    assert len(after["attempts"]) == 2
    assert after["attempts"][0]["reply"] == before["attempts"][0]["reply"]
    first, again = (one["attempts"][0]["demo"]["runs"][0] for one in (before, after))
    assert (again["objective"], again["baseline"]) == (first["objective"], 2 * first["baseline"])
    assert again["quality"] == pytest.approx(first["quality"] / 2)
