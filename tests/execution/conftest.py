"""Sandboxes that the tests of executions share. Every test of an outcome runs on each backend."""

import os
from collections.abc import Iterator

import pytest
from sandboxing import BACKENDS, Run, job, open_backend

from heurigym.execution.sandbox import Execution, Sandbox
from heurigym.problems.spec import Limits


@pytest.fixture(scope="session", params=BACKENDS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with warm servers."""
    opened = open_backend(request.param)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def core() -> int:
    """A core that this process may run on."""
    return min(os.sched_getaffinity(0))


@pytest.fixture
def run(sandbox: Sandbox, core: int) -> Run:
    """Runs the body of a ``solve(instance, solution)`` and returns what happened."""

    def run(body: str, *, limits: Limits | None = None, instance: bytes = b"{}", top: str = "") -> Execution:
        return sandbox.run(job(body, limits=limits, instance=instance, top=top), (core,))

    return run
