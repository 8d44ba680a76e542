"""What an exact solver says, and how it is stopped."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from heurigym.experts.egraph.graph import Ints

_POLL_S = 0.05


@dataclass(frozen=True)
class Answer:
    """What a solver found.

    Attributes:
        choice: the best choice, or ``None`` when there is none.
        bound: proven lower bound on the cost, in the units of the e-graph.
        optimal: whether the bound proves that nothing is cheaper.
        found: seconds since the solver's start and cost, for each solution that it found on the way to the best,
            where the solver tells.
    """

    choice: Ints | None
    bound: float
    optimal: bool
    found: Sequence[tuple[float, float]] = ()


@contextlib.contextmanager
def stopping(stop: Callable[[], object], deadline: float, clock: Callable[[], float]) -> Iterator[None]:
    """Call ``stop`` once when ``clock`` passes ``deadline`` inside the context.

    Solvers know wall time alone; on a shared machine a limit in processor time is what can be repeated.
    """
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(_POLL_S):
            if clock() >= deadline:
                stop()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
