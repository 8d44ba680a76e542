"""Sandboxes and bait for hostile programs."""

import os
from collections.abc import Iterator

import pytest
from host import KEY_VARIABLE, SECRET, Host
from sandboxing import BACKENDS, open_backend

from heurigym.execution.sandbox import Sandbox


@pytest.fixture(scope="module", params=BACKENDS)
def sandbox(request: pytest.FixtureRequest, host: Host) -> Iterator[Sandbox]:
    """A sandbox with warm servers, made when the bait is out."""
    opened = open_backend(request.param)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Bait for all attacks of this session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, SECRET)
        made = Host(tmp_path_factory.mktemp("bait"))
        yield made
        made.close()


@pytest.fixture(scope="session")
def core() -> int:
    """A core that this process may run on."""
    return min(os.sched_getaffinity(0))
