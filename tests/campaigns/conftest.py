"""A tiny problem, campaigns of it, and the processes that run them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The scripted server and the wires of the models' tests.
sys.path.append(str(Path(__file__).parent.parent / "models"))

from campaign_support import tiny_problem
from processes import Descendants


@pytest.fixture(scope="session")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the problem ``subset``: one demo instance, one eval instance, a ladder of two programs."""
    folder: Path = tmp_path_factory.mktemp("problems")
    tiny_problem(folder)
    return folder


@pytest.fixture(autouse=True)
def _environment(problems: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEURIGYM_PROBLEMS", str(problems))
    # What a killed process has no chance to remove goes with the tests' own folders.
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("scratch")))


@pytest.fixture
def nothing_left() -> Iterator[Descendants]:
    """Fails the test when a process that was started meanwhile outlives it."""
    descendants = Descendants()
    yield descendants
    left = descendants.wait_for_end()
    descendants.kill()
    assert left == []
