"""Stopping solvers by any clock."""

import contextlib
import threading
from collections.abc import Callable, Iterator

_POLL_S = 0.05


@contextlib.contextmanager
def stopping(stop: Callable[[], object], deadline: float, clock: Callable[[], float]) -> Iterator[None]:
    """Call ``stop`` when ``clock`` has passed ``deadline`` inside the context, again and again until it is left.

    Solvers know wall time alone; on a shared machine a limit in processor time is what can be repeated. One call is
    not enough: a solver that has not begun yet forgets it.
    """
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(_POLL_S):
            if clock() >= deadline:
                stop()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
