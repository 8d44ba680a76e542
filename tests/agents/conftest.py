"""The problem that tests of strategies plan for."""

from pathlib import Path

import pytest
from situations import subset

from heurigym.problems.problem import Problem


@pytest.fixture(scope="session")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    """The scaffolded problem."""
    folder: Path = tmp_path_factory.mktemp("problems")
    return subset(folder)
