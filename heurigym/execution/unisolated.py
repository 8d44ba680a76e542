"""No sandbox: the same guest code as a plain process. For trying things out where nothing better works."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from heurigym.execution.cgroups import Hierarchies
from heurigym.execution.guest_environment import SITE_PACKAGES, ensure_guest_environment, guest_code
from heurigym.execution.guest_server import GuestError, GuestServer
from heurigym.execution.sandbox import Execution, Job, SandboxInfo
from heurigym.execution.server_pool import Seat, ServerPool

_FLAGS = ("unofficial", "no_group_memory_limit", "no_process_limit")


class UnisolatedSandbox:
    """Runs programs with the rights of the harness. Its results are never official."""

    def __init__(self, *, warm: bool = True) -> None:
        """Start a first server.

        Args:
            warm: keep servers for the next execution; otherwise each execution starts a fresh one.

        Raises:
            InputError: the guest environment cannot be had here; the message names the fix.
        """
        self._warm = warm
        self._environment = ensure_guest_environment()
        self._pool = ServerPool(self._start, Hierarchies(), warm=warm)
        try:
            self._greeting = self._pool.greet()
        except GuestError:
            self._pool.close()
            raise

    def describe(self) -> SandboxInfo:
        """What programs run with here."""
        return SandboxInfo(
            name="none",
            official=False,
            python=self._greeting.python,
            packages=self._greeting.packages,
            details={
                "mode": "warm" if self._warm else "cold",
                "guest_environment": self._environment.digest,
            },
            flags=_FLAGS,
        )

    def run(self, job: Job, cores: tuple[int, ...]) -> Execution:
        """Run ``job`` on ``cores``, and return when its processes have ended."""
        execution = self._pool.run(job, cores)
        return replace(execution, flags=(*_FLAGS, *execution.flags))

    def close(self) -> None:
        """End all servers."""
        self._pool.close()

    def _start(self, seat: Seat) -> GuestServer:
        executable = Path(sys.executable).resolve()
        settings = {"isolated": False, "uid": None, "group": None, "policy": None, "count_memory": True}
        environment = {
            "HOME": "/",
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PATH": f"{executable.parent}:{os.defpath}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": f"{self._environment.root}{SITE_PACKAGES}:{guest_code()}",
            "PYTHONUTF8": "1",
        }
        return GuestServer([str(executable), "-s", "-P", "-m", "guest"], settings, environment=environment)
