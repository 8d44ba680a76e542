"""Programs cannot tell demonstration instances from evaluation instances."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from heurigym.execution.judging import Judge
from heurigym.execution.sandbox import Execution, Job, Sandbox, SandboxInfo
from heurigym.problems.instances import Instance
from heurigym.problems.problem import Problem, find_problem

OBSERVER = Path(__file__).with_name("observer.py")
TIMES = {"st_atime", "st_mtime", "st_ctime", "st_atime_ns", "st_mtime_ns", "st_ctime_ns"}


class Recorder:
    """A sandbox that keeps what the programs in it hand in."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.solutions: list[dict[str, Any]] = []

    def describe(self) -> SandboxInfo:
        return self._sandbox.describe()

    def run(self, job: Job, cores: tuple[int, ...]) -> Execution:
        done = self._sandbox.run(job, cores)
        assert done.solution is not None, (done.message, done.stderr)
        self.solutions.append(json.loads(done.solution))
        return done

    def close(self) -> None:
        """Nothing: the sandbox goes on."""


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every fact by itself, with the path to it."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from flat(item, f"{path}/{name}")
    elif isinstance(value, list):
        yield f"{path}/length", str(len(value))
        for index, item in enumerate(value):
            yield from flat(item, f"{path}/{index}")
    else:
        yield path, str(value)


ORDER = "deededdeeddedeed"
"""Splits of the runs, d(emo) or e(val): the Thue-Morse order, which nothing that takes turns follows."""
FEWEST, PATIENCE = 4, len(ORDER)
"""Runs that all are asked of, and runs after which chance does not explain a fact that still follows the split."""


def test_nothing_but_the_instance_differs(sandbox: Sandbox, tmp_path: Path) -> None:
    problem = find_problem("operator_scheduling")
    shown, hidden = instances(problem, tmp_path)
    recorder = Recorder(sandbox)
    judge = Judge(recorder, workers=1)
    seen: list[dict[str, str]] = []
    while len(seen) < FEWEST or (telling(seen) and len(seen) < PATIENCE):
        instance, split = (shown, "demo") if ORDER[len(seen)] == "d" else (hidden, "eval")
        judge.judge(problem, OBSERVER.read_text(), [instance], split=split)
        seen.append(dict(flat(recorder.solutions[-1])))
    judge.verifiers.close()
    assert telling(seen) == []
    assert {fact.rpartition("/")[2] for fact in differing(seen[0], seen[1]) if "/status/" in fact} <= {
        *TIMES,
        "st_dev",
        "st_ino",
        "st_uid",
        "st_gid",
    }


def telling(seen: Sequence[Mapping[str, str]]) -> list[str]:
    """Facts that were one thing in all demonstration runs and another in all evaluation runs.

    Numbers of processes, say, are so by chance now and then; by chance alone they do not stay so.
    """
    shown, held_out = ([run for run, split in zip(seen, ORDER, strict=False) if split == which] for which in "de")
    found = [
        fact
        for fact in seen[0]
        if len(demo := {run.get(fact) for run in shown}) == 1
        and len(evaluation := {run.get(fact) for run in held_out}) == 1
        and demo != evaluation
    ]
    # Which core is free is up to whoever else uses this host.
    return [fact for fact in found if not fact.startswith("/cores")]


@pytest.mark.parametrize(("chance", "expected"), [(None, ["/split"]), (2, [])])
def test_what_follows_the_split_is_told_from_chance(chance: int | None, expected: list[str]) -> None:
    runs = [
        {"/split": which if chance is None or turn < chance else "?", "/turn": str(turn), "/same": "0"}
        for turn, which in enumerate(ORDER)
    ]
    assert telling(runs[:2]) == ["/split", "/turn"]
    assert telling(runs) == expected


def differing(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {fact for fact in one.keys() | other.keys() if one.get(fact) != other.get(fact)}


def instances(problem: Problem, folder: Path) -> tuple[Instance, Instance]:
    """The same content as a demonstration and as an evaluation instance, with other names, places and times."""
    content = problem.instances("demo")[0].read()[0]
    made = []
    for split, name, age in (("demo", "shown", 10), ("eval", "a_name_of_quite_another_length", 10_000_000)):
        path = folder / split / f"{name}.json"
        path.parent.mkdir()
        path.write_bytes(content)
        os.utime(path, (age, age))
        made.append(Instance(name, (path,)))
    return made[0], made[1]


@pytest.mark.parametrize("place", ["verifier.py", "numpy.py", "heurigym.py", "solution.json/verifier.py"])
def test_files_beside_the_solution_do_not_reach_the_verifier(sandbox: Sandbox, place: str, tmp_path: Path) -> None:
    problem = find_problem("operator_scheduling")
    shown, _ = instances(problem, tmp_path)
    program = f"""
import os
def solve(instance, solution):
    path = "/out/{place}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").write("raise SystemExit('taken over')")
    if not os.path.exists(solution): open(solution, "w").write("0:0")
"""
    judge = Judge(Recorded(sandbox), workers=1)
    judging = judge.judge(problem, program, [shown], split="demo")
    judge.verifiers.close()
    assert judging.runs[0].outcome.value in ("infeasible", "malformed", "no_output")
    assert "taken over" not in judging.runs[0].message


class Recorded(Recorder):
    """A sandbox that others go on using."""

    def run(self, job: Job, cores: tuple[int, ...]) -> Execution:
        return self._sandbox.run(job, cores)
