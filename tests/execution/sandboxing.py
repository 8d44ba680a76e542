"""Jobs for tests of sandboxes."""

import textwrap
from collections.abc import Callable

from heurigym.execution.sandbox import Execution, Job
from heurigym.problems.spec import Limits

Run = Callable[..., Execution]
BACKENDS = ("bubblewrap",)


def job(body: str, *, limits: Limits | None = None, instance: bytes = b"{}", top: str = "") -> Job:
    """A job for a program with this body of ``solve(instance, solution)`` and these lines before it."""
    body = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    program = f"{textwrap.dedent(top)}\ndef solve(instance, solution):\n{body}\n"
    return Job(program.encode(), (("instance.json", instance),), "solution.txt", limits or Limits(time_s=10))
