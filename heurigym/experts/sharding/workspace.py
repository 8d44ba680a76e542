"""One reduced problem with everything that its searches need."""

import numpy as np

from heurigym.experts.sharding.annealing import anneal, construct, seed_moves, sweep
from heurigym.experts.sharding.arrays import Arrays, Floats, Integers
from heurigym.experts.sharding.greedy import frugal
from heurigym.experts.sharding.moves import new_state, refill, set_prices
from heurigym.experts.sharding.profile import BLOCK
from heurigym.experts.sharding.trees import new_forest


class Workspace:
    """A problem, a choice that changes, and the best choice that fits.

    Attributes:
        arrays: the problem.
        best: the cheapest choice so far that fits, or ``None``.
        least: its cost; infinity before there is one.
    """

    def __init__(self, arrays: Arrays, seed: int) -> None:
        self.arrays = arrays
        self.best: Integers | None = None
        self.least = np.inf
        self.price: Floats = np.zeros(len(arrays.base))
        nodes = len(arrays.first) - 1
        self._forest = new_forest(arrays)
        self._places = np.zeros(nodes, np.int64)
        self._starts = np.zeros(nodes + 1, np.int64)
        self._number = 0
        self._state = new_state(arrays, frugal(arrays))
        seed_moves(seed % 2**32)
        self.note()

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self._places)

    @property
    def cost(self) -> float:
        """The cost of the present choice."""
        return float(self._state.total[0])

    @property
    def excess(self) -> Integers:
        """At each point, the memory of the present choice above the limit."""
        state = self._state
        used = state.load + np.repeat(state.lift, BLOCK)[: len(state.load)]
        excess: Integers = used - self.arrays.limit[0]
        return excess

    def note(self) -> bool:
        """Keep the present choice if it fits and is the cheapest; whether it is."""
        if self.cost >= self.least or (self.excess > 0).any():
            return False
        self.best, self.least = self._state.chosen.copy(), self.cost
        return True

    def go_to(self, chosen: Integers) -> None:
        """Make ``chosen`` the present choice."""
        self._state.chosen[:] = chosen
        refill(self.arrays, self._state)

    def set_prices(self, price: Floats) -> None:
        """Let trees pay ``price`` for a unit of memory at each point."""
        set_prices(self.arrays, self._state, price)

    def disturb(self, noise: Floats) -> None:
        """Multiply what trees pay for each strategy by ``noise``, until prices are set again."""
        self._state.priced[:] *= noise

    def construct(self, backward: bool) -> None:
        """Go to what one pass makes, at the prices that trees pay now."""
        construct(self.arrays, self._state, backward)
        refill(self.arrays, self._state)

    def sweep(self, trees: int, bounded: bool) -> int:
        """Minimise along so many trees, within the limit or at the prices alone; how many changes were made."""
        changed = sweep(
            self.arrays,
            self._forest,
            self._state,
            self._number,
            trees,
            self.nodes,
            bounded,
            self._places,
            self._starts,
        )
        self._number += trees
        return int(changed)

    def anneal(self, moves: int, heat: float, largest: int) -> None:
        """Make moves within the limit from the present choice, which fits; keep the cheapest choice."""
        assert self.best is not None
        least = np.array([self.least])
        anneal(
            self.arrays,
            self._forest,
            self._state,
            self.best,
            least,
            self._number,
            moves,
            heat,
            max(1, min(largest, self.nodes)),
            self._places,
            self._starts,
        )
        self._number += moves
        self.least = float(least[0])
