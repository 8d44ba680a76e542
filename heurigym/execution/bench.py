"""How long executions take on this host, beside processes without isolation."""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from heurigym.execution.backends import open_sandbox
from heurigym.execution.guest_environment import SITE_PACKAGES, ensure_guest_environment
from heurigym.execution.leases import CoreLeases
from heurigym.execution.sandbox import Execution, Job, Sandbox
from heurigym.problems.spec import Limits

BARE = "python, bare"
BARE_IMPORTS = "python, bare, with imports"

_IMPORTS = "import numpy, scipy, networkx, pandas"
_PROGRAM = f"{_IMPORTS}\ndef solve(instance, solution):\n    open(solution, 'w').write('done')\n"
_SPIN = """
import hashlib
def solve(instance, solution):
    block = bytes(1 << 16)
    for _ in range({rounds}):
        block = hashlib.sha256(block).digest() * 2048
    open(solution, 'w').write('done')
"""


@dataclass(frozen=True)
class Row:
    """Latency of one way to run a program that does nothing but import.

    Attributes:
        name: what was run.
        median_ms: median, milliseconds.
        least_ms: least.
        p90_ms: 90th percentile.
    """

    name: str
    median_ms: float
    least_ms: float
    p90_ms: float


@dataclass(frozen=True)
class Table:
    """Latencies that were measured in turns, in random order within each round."""

    rounds: int
    rows: tuple[Row, ...]

    def row(self, name: str) -> Row:
        """The row of this name."""
        return next(row for row in self.rows if row.name == name)

    def lines(self) -> list[str]:
        """The table, for people."""
        bare, imports = self.row(BARE).median_ms, self.row(BARE_IMPORTS).median_ms
        lines = [
            f"medians of {self.rounds}, interleaved; a program that imports numpy, scipy, networkx and pandas",
            f"{'':32}{'median ms':>10}{'min':>8}{'p90':>8}{'x bare':>8}{'faster than bare imports':>26}",
        ]
        lines += [
            f"{row.name:32}{row.median_ms:10.1f}{row.least_ms:8.1f}{row.p90_ms:8.1f}{row.median_ms / bare:8.2f}"
            f"{imports / row.median_ms:25.1f}x"
            for row in self.rows
        ]
        return lines


def measure_latency(
    backends: Sequence[str] = ("bubblewrap",),
    rounds: int = 20,
    extra: Iterable[tuple[str, Callable[[], None]]] = (),
) -> Table:
    """Time bare processes, and cold and warm executions of each backend.

    Args:
        backends: names of sandboxes.
        rounds: how often each is timed.
        extra: further named things to time in the same rounds.

    Raises:
        InputError: a sandbox does not work here.
        RuntimeError: an execution failed.
    """
    with ExitStack() as opened:
        (core,) = opened.enter_context(CoreLeases().lease(1))
        variants: list[tuple[str, Callable[[], None]]] = [
            (BARE, lambda: _bare("pass", core)),
            (BARE_IMPORTS, lambda: _bare(_IMPORTS, core)),
            *extra,
        ]
        for name in backends:
            for warm in (False, True):
                sandbox = open_sandbox(name, warm=warm)
                opened.callback(sandbox.close)
                variants.append((f"{name}, {'warm' if warm else 'cold'}", _runner(sandbox, core)))
        times: dict[str, list[float]] = {name: [] for name, _ in variants}
        for _, run in variants:
            run()
        order = random.Random(0)
        for _ in range(rounds):
            for name, run in order.sample(variants, len(variants)):
                start = time.perf_counter()
                run()
                times[name].append((time.perf_counter() - start) * 1000)
    return Table(rounds, tuple(_row(name, values) for name, values in times.items()))


def measure_throughput(sandbox: Sandbox, workers: int, seconds: float = 5.0) -> float:
    """Executions per second of the program that imports, with ``workers`` at once on cores of their own."""
    leases = CoreLeases()

    def work(deadline: float) -> int:
        count = 0
        with leases.lease(1) as cores:
            while time.monotonic() < deadline:
                _checked(sandbox.run(_job(_PROGRAM), cores))
                count += 1
        return count

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, [time.monotonic() + 0.5] * workers))
        start = time.monotonic()
        done = sum(pool.map(work, [start + seconds] * workers))
        return done / (time.monotonic() - start)


def measure_interference(sandbox: Sandbox, workers: int, rounds: int = 20) -> tuple[float, float]:
    """Median processor time of a computing program alone, and with one such program on every leased core."""
    leases = CoreLeases()
    job = _job(_SPIN.format(rounds=4000))

    def run(_: int) -> float:
        with leases.lease(1) as cores:
            return _checked(sandbox.run(job, cores)).cpu_s

    with ThreadPoolExecutor(workers) as pool:
        alone: list[float] = []
        together: list[float] = []
        for _ in range(rounds):
            alone.append(run(0))
            together += pool.map(run, range(workers))
    return statistics.median(alone), statistics.median(together)


def _bare(code: str, core: int) -> None:
    environment = {
        "PYTHONPATH": f"{ensure_guest_environment().root}{SITE_PACKAGES}",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PATH": os.defpath,
    }
    command = [str(Path(sys.executable).resolve()), "-s", "-c", code]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, {core})
    if process.wait() != 0:
        raise RuntimeError(f"{' '.join(command)} failed")


def _runner(sandbox: Sandbox, core: int) -> Callable[[], None]:
    def run() -> None:
        _checked(sandbox.run(_job(_PROGRAM), (core,)))

    return run


def _checked(execution: Execution) -> Execution:
    if execution.outcome is not None:
        raise RuntimeError(f"an execution failed: {execution.outcome}: {execution.message}")
    return execution


def _job(program: str) -> Job:
    return Job(program.encode(), (("instance.json", b"{}"),), "solution.txt", Limits(time_s=30))


def _row(name: str, times: list[float]) -> Row:
    ordered = sorted(times)
    return Row(name, statistics.median(ordered), ordered[0], ordered[int(0.9 * (len(ordered) - 1))])
