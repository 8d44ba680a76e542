"""A judge, a judged entry and a browser that the tests of the board share."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import open_browser
from made_entries import make_entry
from tiny_problem import make_problem

from heurigym.execution.backends import open_sandbox
from heurigym.execution.judging import Judge
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    with open_browser() as opened:
        yield opened
