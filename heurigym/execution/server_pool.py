"""A pool of guest servers: one for each execution at once, made when needed, replaced when dead."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from heurigym.execution.cgroups import Hierarchies, Slot, existing_slots
from heurigym.execution.guest_server import Greeting, GuestError, GuestServer
from heurigym.execution.locks import FileLock, lock_folder
from heurigym.execution.sandbox import Execution, Job
from heurigym.problems.outcome import Outcome

_MOST_SLOTS = 400
_LOCKS = "heurigym-slots"


@dataclass
class Seat:
    """The place of one server: what is its own on this host.

    Attributes:
        index: number of the seat, which no other live seat of this user on this host has.
        group: its control groups, where the host has some.
        server: the server, once there is one.
    """

    index: int
    lock: FileLock
    group: Slot | None
    server: GuestServer | None = None


class ServerPool:
    """Servers for executions. Threads share it.

    Args:
        start: starts a server on a seat. It is always called from one and the same thread, which lives as long as
            the pool does, so that servers can be bound to the life of the thread that started them.
        hierarchies: where control groups can be made.
        warm: whether a server is used again; otherwise each execution gets a fresh one.
    """

    def __init__(self, start: Callable[[Seat], GuestServer], hierarchies: Hierarchies, *, warm: bool) -> None:
        self._start = start
        self._hierarchies = hierarchies
        self._warm = warm
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heurigym-servers")
        self._changed = threading.Condition()
        self._idle: list[Seat] = []
        self._all: list[Seat] = []
        self._closed = False
        self._sweep()

    def run(self, job: Job, cores: Sequence[int]) -> Execution:
        """Run ``job`` on an idle server, or on a new one."""
        try:
            seat = self._take()
        except (GuestError, OSError, RuntimeError) as error:
            return Execution(Outcome.HARNESS_ERROR, message=str(error))
        try:
            if seat.group is not None:
                seat.group.limit(job.limits.memory_mb, job.limits.processes)
            execution = self._server(seat).run(job, cores)
        except (GuestError, OSError, RuntimeError) as error:
            report = seat.server.report() if seat.server is not None else ""
            self._discard(seat)
            message = f"{error} ({report})" if report else str(error)
            return Execution(Outcome.HARNESS_ERROR, message=message, cores=tuple(cores))
        if not self._warm or execution.outcome is Outcome.HARNESS_ERROR:
            self._end_server(seat)
        self._give_back(seat)
        return replace(execution, cores=tuple(cores))

    def greet(self) -> Greeting:
        """Start a server that waits for its first job, and return what it says.

        Raises:
            GuestError: it does not start.
        """
        seat = self._take()
        try:
            return self._start_server(seat)
        except GuestError:
            self._end_server(seat)
            raise
        finally:
            self._give_back(seat)

    def close(self) -> None:
        """End all servers, also those that are running something, and remove their control groups."""
        with self._changed:
            self._closed = True
            for seat in self._all:
                if seat.server is not None:
                    seat.server.abort()
            self._changed.wait_for(lambda: len(self._idle) == len(self._all))
            seats, self._all, self._idle = self._all, [], []
        for seat in seats:
            self._remove(seat)
        self._starter.shutdown()

    def _server(self, seat: Seat) -> GuestServer:
        """The seat's server, started if need be."""
        if seat.server is None:
            self._start_server(seat)
        assert seat.server is not None
        return seat.server

    def _start_server(self, seat: Seat) -> Greeting:
        seat.server = self._starter.submit(self._start, seat).result()
        return seat.server.greeting()

    def _sweep(self) -> None:
        """End and remove what harnesses that were killed have left."""
        folder = lock_folder(_LOCKS, shared=False)
        for name in existing_slots(self._hierarchies):
            lock = FileLock(folder / f"{name}.lock")
            if lock.acquire(blocking=False):
                try:
                    Slot(self._hierarchies, name).close()
                finally:
                    lock.release()

    def _take(self) -> Seat:
        with self._changed:
            if self._closed:
                raise GuestError("the sandbox is closed")
            if self._idle:
                return self._idle.pop()
            seat = self._new_seat()
            self._all.append(seat)
            return seat

    def _give_back(self, seat: Seat) -> None:
        with self._changed:
            self._idle.append(seat)
            self._changed.notify_all()

    def _new_seat(self) -> Seat:
        folder = lock_folder(_LOCKS, shared=False)
        for index in range(_MOST_SLOTS):
            lock = FileLock(folder / f"slot-{index}.lock")
            if lock.acquire(blocking=False):
                try:
                    return Seat(index, lock, self._new_group(index))
                except BaseException:
                    lock.release()
                    raise
        raise GuestError(f"all {_MOST_SLOTS} slots of this host are in use")

    def _new_group(self, index: int) -> Slot | None:
        if not self._hierarchies.v1 and self._hierarchies.v2 is None:
            return None
        return Slot(self._hierarchies, f"slot-{index}")

    def _end_server(self, seat: Seat) -> None:
        if seat.server is not None:
            seat.server.close()
            seat.server = None
        if seat.group is not None:
            seat.group.kill()

    def _discard(self, seat: Seat) -> None:
        """Give up a seat whose server or control group has failed; a later execution gets a new one."""
        try:
            with contextlib.suppress(OSError):
                self._remove(seat)
        finally:
            seat.lock.release()
            with self._changed:
                self._all.remove(seat)
                self._changed.notify_all()

    def _remove(self, seat: Seat) -> None:
        self._end_server(seat)
        if seat.group is not None:
            seat.group.close()
            seat.group = None
        seat.lock.release()
