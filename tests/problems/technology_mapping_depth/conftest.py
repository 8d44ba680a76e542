"""Verification as campaigns do it, in a process of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from technology_mapping_depth_support import PROBLEM

from heurigym.problems import Verdict
from heurigym.problems.instances import Instance
from heurigym.problems.verification import Verifiers

Verify = Callable[[Instance, Path], Verdict]


@pytest.fixture(scope="session")
def verify() -> Iterator[Verify]:
    """The verdict of the problem's verifier on an instance and a solution file."""
    with Verifiers() as verifiers:
        yield lambda instance, solution: verifiers.verify_file(PROBLEM, instance, solution)
