"""What every sandbox backend offers: one protocol, and the record of one execution."""

from dataclasses import dataclass, field
from typing import Protocol

from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits


@dataclass(frozen=True, slots=True)
class Job:
    """One execution to be done.

    Attributes:
        program: the program's source.
        inputs: neutral file name (``instance.json``) and content of each input, in the order of ``solve``.
        solution_name: neutral name of the file to be written (``solution.txt``).
        limits: what the execution may use.
    """

    program: bytes
    inputs: tuple[tuple[str, bytes], ...]
    solution_name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Execution:
    """What happened to one job.

    Attributes:
        outcome: how it ended, or ``None`` when the program ended well and left a solution that can be read.
        message: for people: which limit, which exit code or signal, or what was wrong with the solution file.
        solution: the solution's bytes, when ``outcome`` is ``None``.
        exit_code: exit status of the program's main process; negative for a signal; ``None`` if unknown.
        stdout: captured standard output, cut at the limit.
        stderr: captured standard error, cut at the limit.
        wall_s: seconds from the start of the program's own code to its end.
        charged_s: seconds charged against the time limit: wall time less the time lost to others.
        cpu_s: user and system time of the whole process tree, seconds.
        peak_memory_mb: highest memory of the whole process tree, MiB; ``None`` where the host cannot tell.
        cores: the cores it had.
        disturbance: share of the wall time in which others held the cores, 0 to 1.
        flags: ways in which this execution was not as strict as the contract, such as ``no_group_memory_limit``.
    """

    outcome: Outcome | None
    message: str = ""
    solution: bytes | None = None
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    wall_s: float = 0.0
    charged_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mb: float | None = None
    cores: tuple[int, ...] = ()
    disturbance: float = 0.0
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """What a backend runs programs with; it goes into the manifest.

    Attributes:
        name: the backend's name on the command line.
        official: whether scores from it may stand on a leaderboard.
        python: version of the guest interpreter, ``3.11.7``.
        packages: guest packages and their versions.
        details: further facts for the manifest: image digest, versions of tools, mode.
        flags: ways in which every execution here is not as strict as the contract.
    """

    name: str
    official: bool
    python: str
    packages: dict[str, str]
    details: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


class Sandbox(Protocol):
    """A backend that runs programs in isolation. All methods may be called from several threads at once."""

    def describe(self) -> SandboxInfo:
        """What programs run with here."""
        ...

    def run(self, job: Job, cores: tuple[int, ...]) -> Execution:
        """Run ``job`` on ``cores``, and return when nothing of it is left.

        Raises nothing for whatever the program does; a failure of the harness itself comes back as the outcome
        ``harness_error``.
        """
        ...

    def close(self) -> None:
        """End all that the backend started: processes, containers, control groups and mounts."""
        ...
