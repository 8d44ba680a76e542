"""Schedules of least total register lifetime at a given interval, units left aside (SDC scheduling).

Minimising a linear function of starts under difference constraints is a linear program whose matrix is totally
unimodular, so its vertices are integral (J. Cong, Z. Zhang, An efficient and versatile scheduling algorithm based
on SDC formulation, 2006). Its optimum bounds the registers of every schedule: the slots hold the total lifetime
in bits divided by T on average.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse

from heurigym.experts.scheduling.modulo import Floats, Ints, Loop, Schedule, lifetimes


@dataclass(frozen=True)
class Relaxed:
    """The optimum without units.

    Attributes:
        starts: s(i) that keep to every edge.
        total: the least sum of bits times lifetime.
    """

    starts: Ints
    total: int

    def register_bound(self, interval: int) -> int:
        """Register bits that the fullest slot holds at least, in every schedule with the interval."""
        return -(-self.total // interval)


def least_lifetimes(loop: Loop, interval: int) -> Relaxed | None:
    """The schedule of least total lifetime at an interval of at least RecMII, ``None`` if the solver gives up."""
    gaps = loop.weight - loop.distance * interval
    solved = _solve(loop, interval, gaps, np.zeros(len(loop), np.int64))
    if solved is None:
        return None
    starts = np.rint(solved).astype(np.int64)
    slack = starts[loop.target] - starts[loop.source] - gaps
    if len(slack) and slack.min() < 0:
        return None
    return Relaxed(starts, int((loop.bits * lifetimes(loop, Schedule(interval, starts))).sum()))


def with_best_stages(loop: Loop, schedule: Schedule) -> Schedule:
    """The schedule with each operation moved by a multiple of T such that values live shortly.

    Slots stay as they are, so units do too. The program's solution is rounded down to multiples of T, which keeps
    to every edge; it need not stay optimal.
    """
    interval = schedule.interval
    slots = schedule.starts % interval
    gaps = loop.weight - loop.distance * interval + slots[loop.source] - slots[loop.target]
    solved = _solve(loop, interval, -(-gaps // interval) * interval, slots)
    if solved is None:
        return schedule
    stages = np.floor(solved / interval + 1e-6).astype(np.int64)
    return Schedule(interval, slots + interval * stages)


def _solve(loop: Loop, interval: int, gaps: Ints, offsets: Ints) -> Floats | None:
    """Least sum of bits * (last use - x) with ``x[target] - x[source] >= gaps``, starts being x + offsets."""
    count, used = len(loop), np.flatnonzero(loop.carries)
    if count == 0:
        return np.zeros(0)
    edges, reads = np.arange(len(loop.source)), np.arange(len(used))
    rows = np.concatenate([edges, edges, len(edges) + reads, len(edges) + reads])
    columns = np.concatenate([loop.source, loop.target, count + loop.source[used], loop.target[used]])
    values = np.concatenate([np.ones(len(edges)), -np.ones(len(edges)), -np.ones(len(used)), np.ones(len(used))])
    # A value that is read before a register can hold it lives for no time, not for a negative one.
    wires = np.arange(count)
    rows = np.concatenate([rows, len(edges) + len(used) + wires, len(edges) + len(used) + wires])
    columns = np.concatenate([columns, wires, count + wires])
    values = np.concatenate([values, np.ones(count), -np.ones(count)])
    limits = np.concatenate(
        [
            -gaps,
            -loop.distance[used] * interval - offsets[loop.target[used]],
            -(loop.delivery - 1 + offsets),
        ]
    )
    # The stubs of linprog do not know that it takes sparse matrices.
    matrix: Any = scipy.sparse.csr_matrix((values, (rows, columns)), (len(limits), 2 * count))
    cost = np.concatenate([-loop.bits, loop.bits]).astype(np.float64)
    answer = scipy.optimize.linprog(cost, A_ub=matrix, b_ub=limits, bounds=(0, None), method="highs")
    return None if answer.x is None or answer.status != 0 else answer.x[:count]
