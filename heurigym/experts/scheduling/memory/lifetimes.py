"""A proven lower bound on the peak of live bits from the least total lifetime of all values.

The peak is at least the total of bits times lifetime, divided by the steps in which anything can be live. Its least
value over all schedules is a linear program of difference constraints, as in SDC scheduling.
"""

from __future__ import annotations

import numpy as np

from heurigym.experts.scheduling.differences import DifferenceProgram
from heurigym.experts.scheduling.memory.problem import MemoryProblem

MOST_NODES = 100_000
"""The program of larger graphs is not made."""


def lifetime_bound(problem: MemoryProblem, seconds: float) -> int:
    """Live bits that every schedule has in some step; 0 where nothing is proven within ``seconds`` of wall time."""
    live = np.flatnonzero(problem.is_ever_live)
    if not len(live) or problem.nodes > MOST_NODES:
        return 0
    program, constant = _total_lifetime(problem)
    solved = program.solve(seconds)
    least = None if solved is None else program.least(solved.multipliers)
    if least is None:
        return 0
    first = int((problem.earliest + problem.graph.latency)[live].min())
    last = int(problem.last_uses(problem.latest)[live].max())
    return max(0, -(-(least + constant) // (last - first + 1)))


def _total_lifetime(problem: MemoryProblem) -> tuple[DifferenceProgram, int]:
    """The total of bits times lifetime, but for a constant, as a program, and that constant.

    The variables are the start of each node, and the last use of each value that ends with a consumer.
    """
    graph, nodes = problem.graph, problem.nodes
    bits = np.where(problem.is_ever_live, problem.bits, 0)
    used = np.flatnonzero((bits > 0) & ~problem.is_output)
    place = np.full(nodes, -1, np.int64)
    place[used] = nodes + np.arange(len(used))
    reads = place[graph.source] >= 0
    first_ends, last_ends = problem.last_uses(problem.earliest), problem.last_uses(problem.latest)
    program = DifferenceProgram(
        cost=np.concatenate([-bits, bits[used]]),
        low=np.concatenate([problem.earliest, first_ends[used]]),
        high=np.concatenate([problem.latest, last_ends[used]]),
        later=np.concatenate([graph.target, place[graph.source[reads]]]),
        sooner=np.concatenate([graph.source, graph.target[reads]]),
        gap=np.concatenate([graph.separation, np.zeros(int(reads.sum()), np.int64)]),
    )
    to_the_end = (bits * problem.is_output).sum() * problem.deadline
    return program, int(to_the_end + (bits * (1 - graph.latency)).sum())
