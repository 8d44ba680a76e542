"""A proven lower bound on the peak of live bits from the least total lifetime of all values.

The peak is at least the total of bits times lifetime, divided by the steps in which anything can be live. Its least
value over all schedules is a linear program of difference constraints, as in SDC scheduling (J. Cong, Z. Zhang, An
efficient and versatile scheduling algorithm based on SDC formulation, 2006). Only its multipliers are used, rounded
to integers: any of them, right or wrong, give a bound of the Lagrangian that is exact in integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse

from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.memory import MemoryProblem

MOST_NODES = 100_000
"""The program of larger graphs is not made."""
_MOST_TOTAL = 2**60
"""Totals that may be larger would not be exact."""


@dataclass(frozen=True)
class _Program:
    """Least ``constant + cost @ x`` with ``low <= x <= high`` and ``x[later] - x[sooner] >= gap``.

    The variables are the start of each node, and the last use of each value that ends with a consumer.
    """

    cost: Ints
    low: Ints
    high: Ints
    later: Ints
    sooner: Ints
    gap: Ints
    constant: int

    @classmethod
    def of(cls, problem: MemoryProblem) -> _Program:
        graph, nodes = problem.graph, problem.nodes
        bits = np.where(problem.is_ever_live, problem.bits, 0)
        used = np.flatnonzero((bits > 0) & ~problem.is_output)
        place = np.full(nodes, -1, np.int64)
        place[used] = nodes + np.arange(len(used))
        reads = place[graph.source] >= 0
        ready = problem.earliest + graph.latency
        last_low, last_high = problem.last_uses(problem.earliest), problem.last_uses(problem.latest)
        lives_to_the_end = (bits * problem.is_output).sum() * problem.deadline
        return cls(
            cost=np.concatenate([-bits, bits[used]]),
            low=np.concatenate([problem.earliest, np.maximum(last_low[used], ready[used])]),
            high=np.concatenate([problem.latest, last_high[used]]),
            later=np.concatenate([graph.target, place[graph.source[reads]]]),
            sooner=np.concatenate([graph.source, graph.target[reads]]),
            gap=np.concatenate([graph.separation, np.zeros(int(reads.sum()), np.int64)]),
            constant=int(lives_to_the_end + (bits * (1 - graph.latency)).sum()),
        )

    def multipliers(self, seconds: float) -> Ints:
        """A multiplier for each gap, none negative; zeros where the solver gives up."""
        rows, count = np.arange(len(self.gap)), len(self.gap)
        values = np.concatenate([-np.ones(count), np.ones(count)])
        places = (np.concatenate([rows, rows]), np.concatenate([self.later, self.sooner]))
        # The stubs of linprog do not know that it takes sparse matrices and arrays of bounds.
        matrix: Any = scipy.sparse.csr_matrix((values, places), (count, len(self.cost)))
        box: Any = np.stack([self.low, self.high], axis=1)
        answer = scipy.optimize.linprog(
            self.cost.astype(np.float64),
            A_ub=matrix,
            b_ub=-self.gap,
            bounds=box,
            method="highs",
            options={"time_limit": seconds},
        )
        if answer.status != 0:
            return np.zeros(count, np.int64)
        multipliers: Ints = np.rint(np.maximum(0.0, -answer.ineqlin.marginals)).astype(np.int64)
        return multipliers

    def least(self, multipliers: Ints) -> int:
        """What no solution is below, whatever the multipliers."""
        cost = self.cost.copy()
        np.add.at(cost, self.sooner, multipliers)
        np.add.at(cost, self.later, -multipliers)
        within = np.minimum(cost * self.low, cost * self.high).sum()
        return self.constant + int(within) + int((multipliers * self.gap).sum())


def lifetime_bound(problem: MemoryProblem, seconds: float) -> int:
    """Live bits that every schedule has in some step; 0 where nothing is proven within ``seconds`` of wall time."""
    live = np.flatnonzero(problem.is_ever_live)
    if not len(live) or not len(problem.graph.source) or problem.nodes > MOST_NODES:
        return 0
    if int(problem.bits.sum()) * (problem.deadline + 1) * (len(problem.graph.source) + 1) > _MOST_TOTAL:
        return 0
    program = _Program.of(problem)
    total = program.least(program.multipliers(seconds))
    first = int((problem.earliest + problem.graph.latency)[live].min())
    last = int(problem.last_uses(problem.latest)[live].max())
    return max(0, -(-total // (last - first + 1)))
