"""What isolation this host can give, what is missing, and the command that fixes it."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from heurigym.errors import InputError
from heurigym.execution.backends import open_sandbox
from heurigym.execution.bubblewrap import find_bwrap
from heurigym.execution.cgroups import find_hierarchies
from heurigym.execution.leases import CoreLeases
from heurigym.execution.sandbox import Execution, Job, Sandbox, SandboxInfo
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

Level = Literal["good", "weak", "missing"]
_MARKS: dict[Level, str] = {"good": "ok", "weak": "weak", "missing": "missing"}


@dataclass(frozen=True)
class Finding:
    """One fact about this host.

    Attributes:
        level: whether it is as it should be, weaker, or missing.
        text: the fact, in plain words.
        fix: the command that would make it good, if it is not.
    """

    level: Level
    text: str
    fix: str = ""


@dataclass(frozen=True)
class CanaryResult:
    """How a canary program fared.

    Attributes:
        name: what the program tried.
        passed: whether the sandbox did what it must.
        text: what happened.
    """

    name: str
    passed: bool
    text: str


@dataclass(frozen=True)
class BackendReport:
    """Whether a backend works here.

    Attributes:
        name: the backend.
        error: why it cannot be opened; empty if it can.
        info: what it says about itself, if it can be opened.
        canaries: how the canary programs fared in it.
    """

    name: str
    error: str
    info: SandboxInfo | None
    canaries: tuple[CanaryResult, ...]

    @property
    def usable(self) -> bool:
        """Whether programs can be run in it."""
        return not self.error and all(canary.passed for canary in self.canaries)


@dataclass(frozen=True)
class Report:
    """The whole diagnosis."""

    findings: tuple[Finding, ...]
    backends: tuple[BackendReport, ...]

    @property
    def usable(self) -> bool:
        """Whether at least one backend works."""
        return any(backend.usable for backend in self.backends)

    def lines(self) -> list[str]:
        """The report, for people."""
        lines = ["This host"]
        for finding in self.findings:
            lines.append(f"  {_MARKS[finding.level]:8}{finding.text}")
            if finding.fix:
                lines.append(f"{'':10}fix: {finding.fix}")
        for backend in self.backends:
            lines.append(f"Sandbox {backend.name}: {'works' if backend.usable else 'does not work'}")
            if backend.error:
                lines.append(f"  {backend.error}")
            if backend.info is not None:
                packages = ", ".join(f"{name} {version}" for name, version in backend.info.packages.items())
                lines.append(f"  Python {backend.info.python}; {packages}")
                lines += [f"  {name}: {value}" for name, value in backend.info.details.items()]
                lines += [f"  weaker than it should be: {flag}" for flag in backend.info.flags]
            lines += [
                f"  {'ok' if canary.passed else 'FAILED':8}{canary.name}: {canary.text}"
                for canary in backend.canaries
            ]
        if not self.usable:
            lines.append(
                "No sandbox works here. Programs would run only with --sandbox none, which is never official."
            )
        return lines


@dataclass(frozen=True)
class _Canary:
    name: str
    body: str
    limits: Limits
    expects: Callable[[Execution], bool]


_QUICK = Limits(time_s=5, memory_mb=256, processes=16)
_CANARIES = (
    _Canary(
        "hello",
        "open(solution, 'w').write('hello')",
        _QUICK,
        lambda done: done.outcome is None and done.solution == b"hello",
    ),
    _Canary(
        "open a network connection",
        "import socket\n    try: socket.create_connection(('127.0.0.1', 1), 1)\n"
        "    except PermissionError: open(solution, 'w').write('refused')",
        _QUICK,
        lambda done: done.solution == b"refused",
    ),
    _Canary(
        "read the host's user database",
        "open(solution, 'w').write(open('/etc/passwd').read() + repr(__import__('os').path.exists('/etc/shadow')))",
        _QUICK,
        lambda done: (
            done.solution is not None and b"root" not in done.solution and done.solution.endswith(b"False")
        ),
    ),
    _Canary(
        "use 1 GiB of memory where 256 MiB are allowed",
        "hoard = [bytearray(1 << 24) for _ in range(64)]",
        _QUICK,
        lambda done: done.outcome is Outcome.OUT_OF_MEMORY,
    ),
    _Canary(
        "start processes without end",
        "import os, time\n    try:\n        while True:\n            if os.fork() == 0: time.sleep(60)\n"
        "    except OSError: open(solution, 'w').write('refused')",
        _QUICK,
        lambda done: done.solution == b"refused",
    ),
    _Canary(
        "run without end",
        "while True: pass",
        Limits(time_s=0.3),
        lambda done: done.outcome is Outcome.TIMED_OUT,
    ),
)


def diagnose(backends: Sequence[str] = ("bubblewrap", "docker")) -> Report:
    """Look at this host, and run canary programs through each backend."""
    return Report(_host_findings(), tuple(_examine(name) for name in backends))


def _examine(name: str) -> BackendReport:
    try:
        sandbox = open_sandbox(name)
    except InputError as error:
        return BackendReport(name, str(error), None, ())
    try:
        return BackendReport(name, "", sandbox.describe(), _run_canaries(sandbox))
    finally:
        sandbox.close()


def _run_canaries(sandbox: Sandbox) -> tuple[CanaryResult, ...]:
    results = []
    with CoreLeases().lease(1) as cores:
        for canary in _CANARIES:
            program = f"def solve(instance, solution):\n    {canary.body}\n".encode()
            done = sandbox.run(Job(program, (("instance.json", b"{}"),), "solution.txt", canary.limits), cores)
            happened = str(done.outcome or "ended normally") + (f" ({done.message})" if done.message else "")
            results.append(CanaryResult(canary.name, canary.expects(done), happened))
    return tuple(results)


def _host_findings() -> tuple[Finding, ...]:
    return (_system(), _bwrap(), _namespaces(), _control_groups(), _fair_time(), _cores())


def _system() -> Finding:
    if platform.system() == "Linux" and platform.machine() in ("x86_64", "aarch64"):
        return Finding("good", f"Linux {platform.release()} on {platform.machine()}")
    return Finding(
        "missing",
        f"{platform.system()} on {platform.machine()}: the embedded sandbox needs Linux on x86-64 or 64-bit ARM",
        "use a Linux machine, or --sandbox docker",
    )


def _bwrap() -> Finding:
    try:
        return Finding("good", f"bubblewrap at {find_bwrap()}")
    except InputError as error:
        text, _, fix = str(error).partition("; run: ")
        return Finding("missing", text, fix)


def _namespaces() -> Finding:
    if os.geteuid() == 0:
        return Finding("good", "running as root: each server's programs are a user of their own")
    for setting, bad in (
        ("user/max_user_namespaces", "0"),
        ("kernel/unprivileged_userns_clone", "0"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1"),
    ):
        if _read(f"/proc/sys/{setting}") == bad:
            name = setting.replace("/", ".")
            good = {"user/max_user_namespaces": "15000", "kernel/unprivileged_userns_clone": "1"}.get(setting, "0")
            return Finding(
                "missing",
                f"this host keeps user namespaces from ordinary users ({name} = {bad})",
                f"sudo sysctl -w {name}={good}",
            )
    return Finding("good", "user namespaces are open to ordinary users")


def _control_groups() -> Finding:
    found = find_hierarchies()
    if found.limits_memory and found.limits_processes:
        version = "version 2" if found.v2 is not None else "version 1"
        return Finding("good", f"control groups ({version}) limit memory and processes of whole trees")
    return Finding(
        "weak",
        "no control group can be made here: memory is limited for each process and counted in samples "
        "(flag no_group_memory_limit)",
        "start heurigym below a group of your own: systemd-run --user --scope heurigym ...",
    )


def _fair_time() -> Finding:
    if _read("/proc/self/schedstat"):
        return Finding("good", "the scheduler tells how long tasks wait: time is charged fairly on a busy machine")
    return Finding(
        "weak",
        "the scheduler does not tell how long tasks wait: on a busy machine programs are charged for it",
        "use a kernel with CONFIG_SCHED_INFO, or keep other work off this machine",
    )


def _cores() -> Finding:
    total = CoreLeases().total
    return Finding("good", f"{total} physical core{'s' if total != 1 else ''}: as many programs run at once")


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
