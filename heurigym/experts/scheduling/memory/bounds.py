"""Proven lower bounds on the peak of live bits that need no solver."""

from __future__ import annotations

import numpy as np

from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.memory.problem import MemoryProblem


def combinatorial_bound(problem: MemoryProblem) -> int:
    """The largest of three bounds.

    Whatever the schedule, the outputs are live together in the last step, the inputs of a node in the step in which
    it starts, and in every step those values whose node must have finished and whose last use cannot have come.
    """
    live = problem.bits * problem.is_ever_live
    inputs = np.zeros(problem.nodes, np.int64)
    pairs = np.unique(np.stack([problem.graph.target, problem.graph.source]), axis=1)
    np.add.at(inputs, pairs[0], live[pairs[1]])
    return int(max(live[problem.is_output].sum(), inputs.max(initial=0), mandatory_profile(problem).max(initial=0)))


def mandatory_profile(problem: MemoryProblem) -> Ints:
    """Bits that are live in each of the steps ``0 ... deadline`` in every feasible schedule."""
    begins = problem.latest + problem.graph.latency
    ends = problem.last_uses(problem.earliest)
    lives = np.flatnonzero(problem.is_ever_live & (ends >= begins))
    change = np.zeros(problem.deadline + 2, np.int64)
    np.add.at(change, begins[lives], problem.bits[lives])
    np.add.at(change, ends[lives] + 1, -problem.bits[lives])
    profile: Ints = np.cumsum(change)[:-1]
    return profile
