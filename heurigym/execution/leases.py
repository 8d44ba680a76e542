"""Leases of processor cores: what one holds, nobody else on this host gets until it is given back."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from heurigym.errors import InputError
from heurigym.execution.locks import FileLock, lock_folder

_TOPOLOGY = Path("/sys/devices/system/cpu")
_RETRY_S = 0.02
_NOTICE_S = 5.0


class CoreLeases:
    """Exclusive physical cores of this host, shared fairly among all processes and users that use this class.

    A physical core is leased whole: the hyper-threads beside the one that is handed out stay idle. Who waits holds
    a lock file named ``queue`` while gathering cores, so that waiting for many cores cannot be starved by others
    who want few, and two who gather cannot block each other.
    """

    def __init__(self, folder: Path | None = None, notice_s: float = _NOTICE_S) -> None:
        """Find the cores.

        Args:
            folder: where the lock files are; by default one folder for the whole host.
            notice_s: seconds of waiting for other processes after which that is said on standard error, once.
        """
        self._folder = folder or lock_folder("heurigym-cores", shared=True)
        self._cores = physical_cores()
        self._released = threading.Condition()
        self._notice_s = notice_s
        self._held = 0
        self._noticed = False

    @property
    def total(self) -> int:
        """The physical cores that this process may use."""
        return len(self._cores)

    @contextmanager
    def lease(self, count: int) -> Iterator[tuple[int, ...]]:
        """Hold ``count`` physical cores; yields one logical processor number for each.

        Raises:
            InputError: this process may not use that many cores.
        """
        if count > self.total:
            raise InputError(
                f"limits.cores: {count} cores are asked for, but this process may use {self.total}; "
                "lower limits.cores or run on a larger host"
            )
        with ExitStack() as held:
            with self._notice():
                cores = self._gather(count, held)
            self._change_held(1)
            held.callback(self._change_held, -1)
            yield cores

    @contextmanager
    def _notice(self) -> Iterator[None]:
        """Say so when waiting takes long though nothing of this process runs: somebody else holds the cores."""
        if self._held or self._noticed:
            yield
            return
        timer = threading.Timer(self._notice_s, self._say)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _say(self) -> None:
        if not self._held and not self._noticed:
            self._noticed = True
            print("heurigym: waiting for cores that other processes are judging on", file=sys.stderr, flush=True)

    def _gather(self, count: int, held: ExitStack) -> tuple[int, ...]:
        queue = FileLock(self._folder / "queue.lock")
        queue.acquire(blocking=True)
        try:
            gathered: list[int] = []
            while True:
                for core in self._cores:
                    if core not in gathered and len(gathered) < count:
                        lock = FileLock(self._folder / f"core-{core}.lock")
                        if lock.acquire(blocking=False):
                            held.callback(lock.release)
                            gathered.append(core)
                if len(gathered) == count:
                    return tuple(sorted(gathered))
                with self._released:
                    self._released.wait(_RETRY_S)
        finally:
            queue.release()

    def _change_held(self, change: int) -> None:
        with self._released:
            self._held += change
            self._released.notify_all()


def physical_cores() -> tuple[int, ...]:
    """One logical processor of each physical core that this process may run on, ascending."""
    chosen: dict[str, int] = {}
    for processor in sorted(os.sched_getaffinity(0)):
        siblings = _TOPOLOGY / f"cpu{processor}/topology/thread_siblings_list"
        try:
            key = siblings.read_text().strip()
        except OSError:
            key = str(processor)
        chosen.setdefault(key, processor)
    return tuple(chosen.values())
