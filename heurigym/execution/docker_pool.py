"""Containers that are prepared ahead of need, because making one takes longer than most programs."""

import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from heurigym.execution.docker_container import Container, Shape
from heurigym.execution.guest_server import GuestError

_REMEMBERED = 8
_PATIENCE_S = 30.0


class ContainerPool:
    """Prepared containers. Threads share it.

    Containers are made for given limits. New ones are prepared for the limits of a job as soon as one of the last
    few jobs had the same; those that are prepared for others are given up when no recent job had them.

    Args:
        make: makes and starts a container, and waits until it is ready.
        size: how many containers to keep ready; 0 for none: then each job waits for its own.
        makers: how many containers to make at once.
    """

    def __init__(self, make: Callable[[Shape], Container], *, size: int, makers: int) -> None:
        self._make = make
        self._size = size
        self._threads = ThreadPoolExecutor(makers + 1, thread_name_prefix="heurigym-containers")
        self._changed = threading.Condition()
        self._ready: dict[Shape, deque[Container]] = {}
        self._making: Counter[Shape] = Counter()
        self._waiting: Counter[Shape] = Counter()
        self._recent: deque[Shape] = deque(maxlen=_REMEMBERED)
        self._failures: dict[Shape, deque[GuestError]] = {}
        self._taken: set[Container] = set()
        self._closed = False

    def take(self, shape: Shape) -> Container:
        """A container for ``shape`` that is ready; the caller gives it to ``discard`` in the end.

        Raises:
            GuestError: none can be made.
        """
        with self._changed:
            self._recent.append(shape)
            self._waiting[shape] += 1
            try:
                while True:
                    if self._closed:
                        raise GuestError("the sandbox is closed")
                    if self._ready.get(shape):
                        container = self._ready[shape].popleft()
                        self._taken.add(container)
                        return container
                    # Before more are asked for: after a failure nobody would be there to take another one.
                    if self._failures.get(shape):
                        raise self._failures[shape].popleft()
                    self._refill(shape)
                    self._changed.wait()
            finally:
                self._waiting[shape] -= 1
                if not self._waiting[shape]:
                    self._failures.pop(shape, None)
                if not self._closed:
                    self._give_up_stale()
                    self._refill(shape)

    def discard(self, container: Container) -> None:
        """Remove a container that was taken; in the background, unless the pool is closed."""
        with self._changed:
            self._taken.discard(container)
            self._changed.notify_all()
            if not self._closed:
                self._threads.submit(container.remove)
                return
        container.remove()

    def close(self) -> None:
        """End what runs, remove all containers, and wait until all is gone."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._changed.notify_all()
                for containers in self._ready.values():
                    for container in containers:
                        self._threads.submit(container.remove)
                self._ready.clear()
            for container in self._taken:
                container.abort()
            self._changed.wait_for(lambda: not self._taken, timeout=_PATIENCE_S)
        self._threads.shutdown(wait=True)

    def _refill(self, shape: Shape) -> None:
        """Have containers made until there are enough for those who wait, and ahead for who will come."""
        ahead = self._size if self._recent.count(shape) > 1 else 0
        wanted = self._waiting[shape] + ahead - len(self._ready.get(shape, ())) - self._making[shape]
        for _ in range(wanted):
            self._making[shape] += 1
            self._threads.submit(self._add, shape)

    def _add(self, shape: Shape) -> None:
        container: Container | None = None
        failure: GuestError | None = None
        try:
            if not self._closed:
                container = self._make(shape)
        except GuestError as error:
            failure = error
        with self._changed:
            self._making[shape] -= 1
            if failure is not None and self._waiting[shape]:
                self._failures.setdefault(shape, deque(maxlen=self._waiting[shape])).append(failure)
            if container is not None and not self._closed:
                self._ready.setdefault(shape, deque()).append(container)
                container = None
            self._changed.notify_all()
        if container is not None:
            container.remove()

    def _give_up_stale(self) -> None:
        for shape in [shape for shape in self._ready if shape not in self._recent]:
            for container in self._ready.pop(shape):
                self._threads.submit(container.remove)
