"""Jobs for tests of sandboxes."""

import os
import textwrap
from collections.abc import Callable

import pytest

from heurigym.errors import InputError
from heurigym.execution.backends import open_sandbox
from heurigym.execution.sandbox import Execution, Job, Sandbox
from heurigym.problems.spec import Limits

Run = Callable[..., Execution]
BACKENDS = ("bubblewrap", "docker")


def open_backend(name: str, *, warm: bool = True) -> Sandbox:
    """A backend; without a Docker Engine its tests are skipped, unless ``HEURIGYM_REQUIRE_DOCKER`` is set."""
    try:
        return open_sandbox(name, warm=warm)
    except InputError as error:
        if name == "docker" and not os.environ.get("HEURIGYM_REQUIRE_DOCKER"):
            pytest.skip(str(error))
        raise


def job(body: str, *, limits: Limits | None = None, instance: bytes = b"{}", top: str = "") -> Job:
    """A job for a program with this body of ``solve(instance, solution)`` and these lines before it."""
    body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    program = f"{textwrap.dedent(top)}\ndef solve(instance, solution):\n{body}\n"
    return Job(program.encode(), (("instance.json", instance),), "solution.txt", limits or Limits(time_s=10))
