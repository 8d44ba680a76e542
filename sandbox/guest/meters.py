"""What an execution uses: processor time, memory, and the time that others took from it.

Fair time. A program is charged its wall time less the time it could not use:

    lost    = min(time its tasks were runnable but not running, time that others ran on its cores) + stolen time
    charged = max(wall - lost, processor time / cores)

The first bound comes from the scheduler (``/proc/PID/task/TID/schedstat``), the second from ``/proc/stat``: a
program that starts more threads than it has cores waits for itself, and that is not discounted. Sleeping is
charged.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

_TICK = 1.0 / os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGESIZE") / (1 << 20)
_USER, _NICE, _SYSTEM, _IDLE, _IOWAIT, _IRQ, _SOFTIRQ, _STEAL = range(8)


class Group(Protocol):
    """Counters of a control group; each may be unknown."""

    def cpu_s(self) -> float | None:
        """Processor time so far, seconds."""
        ...

    def peak_mb(self) -> float | None:
        """Highest memory since the last reset, MiB."""
        ...

    def oom_kills(self) -> int:
        """Processes that the kernel killed for want of memory so far."""
        ...

    def reset(self) -> None:
        """Forget the highest memory."""
        ...


@dataclass(frozen=True)
class NoGroup:
    """No control group: nothing is known."""

    def cpu_s(self) -> None:
        """Unknown."""

    def peak_mb(self) -> None:
        """Unknown."""

    def oom_kills(self) -> int:
        """Unknown."""
        return 0

    def reset(self) -> None:
        """Nothing to forget."""


class ControlGroup:
    """Counters of a control group behind descriptors that the harness opened.

    Args:
        join: descriptors of ``cgroup.procs`` files.
        cpu: descriptor of ``cpuacct.usage`` (v1) or ``cpu.stat`` (v2).
        peak: descriptor of ``memory.max_usage_in_bytes`` (v1) or ``memory.peak`` (v2).
        oom: descriptor of ``memory.oom_control`` (v1) or ``memory.events`` (v2).
        current: descriptor of ``memory.current``, where there is no peak that can be reset.
    """

    def __init__(
        self,
        join: Sequence[int],
        cpu: int | None,
        peak: int | None,
        oom: int | None,
        current: int | None = None,
    ) -> None:
        self._current = current
        self._highest = 0.0
        self._join = tuple(join)
        self._cpu = cpu
        self._peak = peak
        self._oom = oom

    def join(self) -> None:
        """Move the calling process into the group."""
        for fd in self._join:
            os.write(fd, b"0")

    def cpu_s(self) -> float | None:
        """Processor time so far, seconds."""
        if self._cpu is None:
            return None
        text = os.pread(self._cpu, 4096, 0)
        if text.strip().isdigit():
            return int(text) / 1e9
        found = re.search(rb"^usage_usec (\d+)", text, re.MULTILINE)
        return int(found[1]) / 1e6 if found else None

    def peak_mb(self) -> float | None:
        """Highest memory since the last reset, MiB; where the kernel keeps none, the highest that this saw."""
        if self._peak is not None:
            return int(os.pread(self._peak, 64, 0)) / (1 << 20)
        if self._current is None:
            return None
        self._highest = max(self._highest, int(os.pread(self._current, 64, 0)) / (1 << 20))
        return self._highest

    def oom_kills(self) -> int:
        """Processes that the kernel killed for want of memory so far."""
        if self._oom is None:
            return 0
        found = re.search(rb"^oom_kill (\d+)", os.pread(self._oom, 4096, 0), re.MULTILINE)
        return int(found[1]) if found else 0

    def reset(self) -> None:
        """Forget the highest memory."""
        self._highest = 0.0
        if self._peak is not None:
            os.pwrite(self._peak, b"0", 0)


class Tasks:
    """Run and waiting times and memory of the tasks of a process tree, remembered after they end."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._known: dict[int, tuple[int, int]] = {}
        self._ended_run = 0
        self._ended_delay = 0

    def sample(self) -> None:
        """Read the counters of all tasks there are."""
        for pid in self._pids():
            with contextlib.suppress(OSError):
                for task in os.scandir(f"/proc/{pid}/task"):
                    self._sample_task(pid, int(task.name))

    def times_s(self) -> tuple[float, float]:
        """Seconds that all tasks ran, and that they were runnable without running."""
        run = self._ended_run + sum(run for run, _ in self._known.values())
        delay = self._ended_delay + sum(delay for _, delay in self._known.values())
        return run / 1e9, delay / 1e9

    def _sample_task(self, pid: int, tid: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            run, delay = _task_times(f"/proc/{pid}/task/{tid}")
            before = self._known.get(tid)
            if before is not None and run < before[0]:
                self._ended_run += before[0]
                self._ended_delay += before[1]
            self._known[tid] = (run, delay)


class ResidentMemory:
    """Memory of a process tree where no control group counts it: resident pages beyond those it started with.

    What processes share is counted for each of them, and what comes and goes between samples is not seen.
    """

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._inherited = 0.0
        self.peak_mb = 0.0

    def start(self) -> None:
        """Take what the processes have now as theirs from the start."""
        self._inherited = sum(self._sizes())

    def sample_mb(self) -> float:
        """The memory of all processes now, MiB."""
        now = sum(max(0.0, size - self._inherited) for size in self._sizes())
        self.peak_mb = max(self.peak_mb, now)
        return now

    def _sizes(self) -> list[float]:
        sizes = []
        for pid in self._pids():
            with contextlib.suppress(OSError, IndexError, ValueError):
                sizes.append(int(read_file(f"/proc/{pid}/statm").split()[1]) * _PAGE_MB)
        return sizes


@dataclass(frozen=True)
class Charge:
    """Times of an execution so far, seconds."""

    wall_s: float
    cpu_s: float
    charged_s: float
    lost_s: float


class Clock:
    """Fair time of one execution, from the moment it is made."""

    def __init__(self, cores: Sequence[int], group: Group, tasks: Tasks) -> None:
        self._cores = [f"cpu{core}" for core in cores]
        self._group = group
        self._tasks = tasks
        self._cpu_0 = group.cpu_s() or 0.0
        tasks.sample()
        self._run_0, self._delay_0 = tasks.times_s()
        self._busy_0, self._steal_0 = self._busy()
        self._start = time.monotonic()

    def read(self, late_s: float = 0.0) -> Charge:
        """The times so far; ``late_s`` seconds since the end of the execution do not count."""
        self._tasks.sample()
        wall = time.monotonic() - self._start - late_s
        run, delay = self._tasks.times_s()
        run, delay = run - self._run_0, delay - self._delay_0
        total = self._group.cpu_s()
        cpu = run if total is None else total - self._cpu_0
        # How late the end was noticed is known roughly. There was at least time for what ran.
        wall = max(wall, cpu / len(self._cores))
        if cpu > run > 0:
            delay *= cpu / run
        busy, steal = self._busy()
        foreign = max(0.0, busy - self._busy_0 - cpu)
        lost = min(wall, min(delay, foreign) + steal - self._steal_0)
        return Charge(wall, cpu, max(wall - lost, cpu / len(self._cores)), lost)

    def _busy(self) -> tuple[float, float]:
        busy, steal = 0, 0
        for line in read_file("/proc/stat").splitlines():
            name, *values = line.split()
            if name in self._cores:
                ticks = [int(value) for value in values]
                busy += sum(ticks[kind] for kind in (_USER, _NICE, _SYSTEM, _IRQ, _SOFTIRQ))
                steal += ticks[_STEAL] if len(ticks) > _STEAL else 0
        return busy * _TICK, steal * _TICK


def _task_times(task: str) -> tuple[int, int]:
    """Nanoseconds that a task ran, and that it waited; without the scheduler's counts it never waited."""
    try:
        run, delay = map(int, read_file(f"{task}/schedstat").split()[:2])
    except FileNotFoundError:
        user, system = read_file(f"{task}/stat").rpartition(")")[2].split()[11:13]
        return int((int(user) + int(system)) * _TICK * 1e9), 0
    return run, delay


def own_delay_s() -> float:
    """Seconds that this task was runnable without running."""
    try:
        return int(read_file("/proc/self/schedstat").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def read_file(path: str) -> str:
    """The text of a small file, such as one of ``/proc``."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 1 << 16).decode()
    finally:
        os.close(fd)
