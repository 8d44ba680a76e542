"""A judge, a judged entry and a browser that the tests of the board share."""

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from browsing import open_browser
from tiny_problem import make_problem, program

from heurigym.agents.trajectory import Attempt, Status, Trajectory, select
from heurigym.campaigns.manifest import make_manifest
from heurigym.campaigns.spec import CampaignSpec
from heurigym.campaigns.store import Store
from heurigym.execution.backends import open_sandbox
from heurigym.execution.judging import Judge, sha256
from heurigym.models.protocol import Finish, Message, Reply, Request, Usage
from heurigym.problems.problem import Problem

PROGRAMS = ("n - 1", "n + 1")
"""What the attempts of the entry write: infeasible, then feasible."""


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """A judge with a real sandbox."""
    with Judge(open_sandbox("bubblewrap")) as opened:
        yield opened


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    """The problem of the entry."""
    return make_problem(tmp_path_factory.mktemp("problems"))


@pytest.fixture(scope="session")
def judged_entry(tmp_path_factory: pytest.TempPathFactory, judge: Judge, tiny: Problem) -> Path:
    """A store whose judgings come from the sandbox; not to be changed."""
    return make_entry(tmp_path_factory.mktemp("entry") / "store", judge, tiny, PROGRAMS)


@pytest.fixture
def entry(judged_entry: Path, tmp_path: Path) -> Path:
    """A copy of the entry, to be doctored."""
    return shutil.copytree(judged_entry, tmp_path / "entry")


@pytest.fixture
def find(tiny: Problem) -> Callable[[str], Problem]:
    """Finds the problem of the entry, whatever it is asked for."""
    return lambda name: tiny


def make_entry(folder: Path, judge: Judge, problem: Problem, expressions: tuple[str, ...]) -> Path:
    """A finished campaign of one cell, whose attempts write ``expressions``."""
    spec = CampaignSpec(
        name="tiny",
        models=("lab/alpha",),
        problems=(problem.name,),
        iterations=len(expressions),
        sandbox="bubblewrap",
    )
    manifest = make_manifest([problem], judge.sandbox.describe(), {}, "2026-11-01T00:00:00Z")
    store = Store.create(folder, spec, manifest)
    trajectory = Trajectory(
        cell=next(spec.cells()),
        key="key",
        problem_digest=problem.digest,
        seed=0,
        is_script=False,
        official=True,
        status=Status.FINISHED,
    )
    for number, expression in enumerate(expressions):
        source = program(expression)
        request = Request(
            system="Write heuristics.", messages=(Message(role="user", content=f"Attempt {number}."),)
        )
        trajectory.attempts.append(
            Attempt(
                number=number,
                prompt=trajectory.store_prompt(request),
                reply=Reply(
                    text=f"My program:\n\n```python\n{source}```\n",
                    finish=Finish.STOP,
                    usage=Usage(input_tokens=10, output_tokens=20),
                    cost_usd=Decimal("0.01"),
                ),
                program=source,
                program_sha256=sha256(source),
                demo=judge.judge(problem, source, problem.instances("demo"), split="demo"),
                eval=judge.judge(problem, source, problem.instances("eval"), split="eval"),
            )
        )
    trajectory.selected = select(trajectory.attempts)
    store.save(trajectory)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    with open_browser() as opened:
        yield opened
