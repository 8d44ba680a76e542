"""Linear programs over difference constraints, and lower bounds that are exact whatever the solver says.

The matrix of such a program is totally unimodular, so its vertices and, with whole costs, those of its dual are
integral (J. Cong, Z. Zhang, An efficient and versatile scheduling algorithm based on SDC formulation, 2006). A
solver's multipliers are rounded to integers, and the Lagrangian is then computed in integers: any multipliers that
are not negative, right or wrong, give a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse

from heurigym.experts.scheduling.graph import Floats, Ints

_MOST_TOTAL = 2**60
"""Sums that may be larger would not be exact."""


@dataclass(frozen=True)
class Solved:
    """An optimum.

    Attributes:
        values: of the variables; integral up to the solver's rounding.
        multipliers: of the constraints, rounded, none negative.
    """

    values: Floats
    multipliers: Ints


@dataclass(frozen=True)
class DifferenceProgram:
    """Least ``cost @ x`` with ``low <= x``, ``x <= high`` and ``x[later] - x[sooner] >= gap``.

    Attributes:
        cost: shape (variables,).
        low: the same shape.
        high: the same shape, or ``None`` where nothing is too large.
        later: a variable for each constraint.
        sooner: the same.
        gap: the same.
    """

    cost: Ints
    low: Ints
    high: Ints | None
    later: Ints
    sooner: Ints
    gap: Ints

    def solve(self, seconds: float | None = None) -> Solved | None:
        """An optimum by HiGHS, or ``None`` where it finds none within ``seconds`` of wall time."""
        count = len(self.gap)
        rows = np.arange(count)
        entries = np.concatenate([-np.ones(count), np.ones(count)])
        places = (np.concatenate([rows, rows]), np.concatenate([self.later, self.sooner]))
        # The stubs of linprog do not know that it takes sparse matrices and arrays of bounds.
        matrix: Any = scipy.sparse.csr_matrix((entries, places), (count, len(self.cost)))
        high = np.full(len(self.cost), np.inf) if self.high is None else self.high
        box: Any = np.stack([self.low, high], axis=1)
        answer = scipy.optimize.linprog(
            self.cost.astype(np.float64),
            A_ub=matrix,
            b_ub=-self.gap,
            bounds=box,
            method="highs",
            options={} if seconds is None else {"time_limit": seconds},
        )
        if answer.x is None or answer.status != 0:
            return None
        multipliers = np.rint(np.maximum(0.0, -answer.ineqlin.marginals)).astype(np.int64)
        return Solved(answer.x, multipliers)

    def least(self, multipliers: Ints) -> int | None:
        """What no solution is below, whatever the multipliers; ``None`` where they give no bound.

        They give none where the Lagrangian falls without end, and where 64 bits might not hold its sums.
        """
        ends = self.low if self.high is None else np.maximum(np.abs(self.low), np.abs(self.high))
        largest = max(1, int(np.abs(ends).max(initial=0)), int(np.abs(self.gap).max(initial=0)))
        weight = float(np.abs(self.cost).sum(dtype=np.float64)) + 2.0 * float(multipliers.sum(dtype=np.float64))
        if weight * largest > _MOST_TOTAL:
            return None
        cost = self.cost.copy()
        np.add.at(cost, self.sooner, multipliers)
        np.add.at(cost, self.later, -multipliers)
        if self.high is not None:
            within = np.minimum(cost * self.low, cost * self.high).sum()
        elif (cost < 0).any():
            return None
        else:
            within = (cost * self.low).sum()
        return int(within) + int((multipliers * self.gap).sum())
