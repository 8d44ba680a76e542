import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Command

from heurigym.problems.scaffolding import scaffold


@pytest.fixture(scope="session")
def heurigym() -> Command:
    """Runs the command line as a user would, in a process of its own."""

    def run(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, "-m", "heurigym.cli.main", *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=300, **options)  # type: ignore[call-overload,no-any-return]

    return run


@pytest.fixture
def problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small problem called ``subset``, which every command finds by name."""
    folder = scaffold("subset", tmp_path / "problems")
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(folder.parent))
    return folder


@pytest.fixture
def greedy(problem: Path) -> Path:
    """A program that solves it."""
    return problem / "ladder" / "02_greedy.py"
