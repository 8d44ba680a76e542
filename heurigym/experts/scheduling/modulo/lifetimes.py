"""Schedules of least total register lifetime at a given interval, units left aside (SDC scheduling).

What a lifetime-minimal schedule costs in total bounds the registers of every schedule: the slots hold the total
lifetime in bits divided by T on average, and each holds whole registers.
"""

import math
from dataclasses import dataclass

import numpy as np

from heurigym.experts.scheduling.differences import DifferenceProgram
from heurigym.experts.scheduling.modulo.loop import Ints, Loop, Schedule


@dataclass(frozen=True)
class Relaxed:
    """The optimum without units.

    Attributes:
        starts: s(i) that keep to every edge.
        total: proven lower bound on the sum of bits times lifetime.
        unit: bits of which every slot holds a multiple, the greatest common divisor of all widths.
    """

    starts: Ints
    total: int
    unit: int

    def register_bound(self, interval: int) -> int:
        """Register bits that the fullest slot holds at least, in every schedule with the interval."""
        unit = max(1, self.unit)
        return -(-self.total // (interval * unit)) * unit


def least_lifetimes(loop: Loop, interval: int) -> Relaxed | None:
    """The schedule of least total lifetime at an interval of at least RecMII, ``None`` if the solver gives up."""
    if not len(loop):
        return Relaxed(np.zeros(0, np.int64), 0, 0)
    gaps = loop.weight - loop.distance * interval
    program = _program(loop, interval, gaps, np.zeros(len(loop), np.int64))
    solved = program.solve()
    if solved is None:
        return None
    starts = np.rint(solved.values[: len(loop)]).astype(np.int64)
    slack = starts[loop.target] - starts[loop.source] - gaps
    if len(slack) and slack.min() < 0:
        return None
    total = (program.least(solved.multipliers) or 0) + int((loop.bits * (1 - loop.delivery)).sum())
    return Relaxed(starts, max(0, total), math.gcd(*loop.bits.tolist()))


def with_best_stages(loop: Loop, schedule: Schedule) -> Schedule:
    """The schedule with each operation moved by a multiple of T such that values live shortly.

    Slots stay as they are, so units do too. The program's solution is rounded down to multiples of T, which keeps
    to every edge; it need not stay optimal.
    """
    if not len(loop):
        return schedule
    interval = schedule.interval
    slots = schedule.starts % interval
    gaps = loop.weight - loop.distance * interval + slots[loop.source] - slots[loop.target]
    solved = _program(loop, interval, -(-gaps // interval) * interval, slots).solve()
    if solved is None:
        return schedule
    stages = np.floor(solved.values[: len(loop)] / interval + 1e-6).astype(np.int64)
    return Schedule(interval, slots + interval * stages)


def _program(loop: Loop, interval: int, gaps: Ints, offsets: Ints) -> DifferenceProgram:
    """Least sum of bits * (last use - x) with ``x[target] - x[source] >= gaps``, starts being x + offsets.

    The variables are the x of each operation, and the last use of each value.
    """
    count, used = len(loop), np.flatnonzero(loop.carries)
    values = count + np.arange(count)
    return DifferenceProgram(
        cost=np.concatenate([-loop.bits, loop.bits]),
        low=np.zeros(2 * count, np.int64),
        high=None,
        # A value that is read before a register can hold it lives for no time, not for a negative one.
        later=np.concatenate([loop.target, values[loop.source[used]], values]),
        sooner=np.concatenate([loop.source, loop.target[used], np.arange(count)]),
        gap=np.concatenate(
            [
                gaps,
                loop.distance[used] * interval + offsets[loop.target[used]],
                loop.delivery - 1 + offsets,
            ]
        ),
    )
