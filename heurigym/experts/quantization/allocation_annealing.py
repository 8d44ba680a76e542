"""Rounds of simulated annealing of one instance."""

import numpy as np

from heurigym.experts.quantization.allocation import BitAllocation, Ints
from heurigym.experts.quantization.allocation_moves import anneal, typical_step
from heurigym.experts.quantization.allocation_simple import step_losses

_COOLING = 0.01
"""The coldest temperature of a round over the hottest."""


class Annealer:
    """Simulated annealing within the budgets, reproducible by its seed."""

    def __init__(self, problem: BitAllocation, seed: int) -> None:
        self._problem = problem
        self._random = np.random.default_rng(seed)

    def round(self, choice: Ints, moves: int, heat: float = 0.5) -> Ints:
        """The best allocation found in ``moves`` moves from ``choice``, which must be within the budgets.

        ``heat`` is the first temperature over what a single change typically costs.
        """
        problem = self._problem
        current, best = choice.copy(), choice.copy()
        hottest = heat * typical_step(step_losses(problem, choice))
        anneal(
            problem.loss,
            problem.use,
            problem.budgets,
            *problem.neighbours,
            current,
            best,
            hottest,
            _COOLING * hottest,
            moves,
            int(self._random.integers(1 << 31)),
        )
        return best
