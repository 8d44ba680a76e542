"""Lower bounds on the units of each type, by the work that must be done within an interval of cycles."""

from __future__ import annotations

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.resource.problem import ResourceProblem


def work_units(problem: ResourceProblem) -> Ints:
    """Units of each type that all its work needs, spread evenly over all cycles; shape (types,)."""
    count = np.bincount(problem.kind, minlength=len(problem.kinds))
    units: Ints = np.maximum(np.minimum(count, 1), -(-count * problem.occupancy // max(1, problem.deadline)))
    return units


def energetic_units(problem: ResourceProblem) -> Ints:
    """Units of each type that some interval of cycles needs at least; shape (types,).

    In the cycles ``a`` to ``b - 1``, an operation that may start from ``e`` to ``l`` holds a unit at least
    ``min(e + occupancy - a, b - l)`` cycles long (energetic reasoning: Baptiste, Le Pape, Nuijten, Constraint-Based
    Scheduling, 2001). All pairs ``a < b`` are tried, in time O(deadline * (nodes + deadline)).
    """
    units = work_units(problem)
    for kind in range(len(problem.kinds)):
        own = problem.kind == kind
        held = int(problem.occupancy[kind])
        found = _energetic(problem.earliest[own], problem.latest[own], held, problem.deadline)
        units[kind] = max(int(units[kind]), int(found))
    return units


@compiled
def _energetic(earliest: Ints, latest: Ints, held: int, deadline: int) -> int:
    best = 0
    for begin in range(deadline):
        # Of an operation, b - max(latest, begin) cycles lie before b, from none to all that must lie after begin.
        slope = np.zeros(deadline + held + 2, np.int64)
        for place in range(len(earliest)):
            most = min(held, earliest[place] + held - begin)
            if most > 0:
                first = max(latest[place], begin)
                slope[first + 1] += 1
                slope[first + most + 1] -= 1
        rate = 0
        work = 0
        for end in range(begin + 1, deadline + 1):
            rate += slope[end]
            work += rate
            best = max(best, -(-work // (end - begin)))
    return best
