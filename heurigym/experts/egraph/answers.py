"""What an exact solver says."""

from collections.abc import Sequence
from dataclasses import dataclass

from heurigym.experts.egraph.graph import Ints


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
