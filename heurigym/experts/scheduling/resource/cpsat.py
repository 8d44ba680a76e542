"""The whole problem for OR-Tools CP-SAT: one cumulative constraint for each type, with a variable capacity."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from heurigym.experts import timed_cpsat
from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.resource.problem import ResourceProblem


@dataclass(frozen=True, slots=True)
class Exact:
    """What CP-SAT found.

    Attributes:
        starts: its best schedule; the hint when it found no other.
        bound: proven lower bound on the objective.
    """

    starts: Ints
    bound: int


def solve_exactly(problem: ResourceProblem, hint: Ints, least: Ints, seconds: float, seed: int) -> Exact:
    """Improve ``hint`` and prove a bound.

    Args:
        problem: the problem.
        hint: a feasible schedule.
        least: lower bound on the units of each type.
        seconds: processor time, the building of the model included.
        seed: seed of the solver.
    """
    end = time.process_time() + seconds
    units = problem.units(hint)
    most = np.maximum(least, problem.objective(hint) // problem.weight)
    model = cp_model.CpModel()
    starts = [
        model.new_int_var(low, high, "")
        for low, high in zip(problem.earliest.tolist(), problem.latest.tolist(), strict=True)
    ]
    graph = problem.graph
    for source, target, gap in zip(
        graph.source.tolist(), graph.target.tolist(), graph.separation.tolist(), strict=True
    ):
        model.add(starts[target] >= starts[source] + gap)
    capacities = []
    for kind, held in enumerate(problem.occupancy.tolist()):
        nodes = np.flatnonzero(problem.kind == kind).tolist()
        capacity = model.new_int_var(int(least[kind]), min(int(most[kind]), len(nodes)), "")
        capacities.append(capacity)
        intervals = [model.new_fixed_size_interval_var(starts[node], held, "") for node in nodes]
        model.add_cumulative(intervals, [1] * len(nodes), capacity)
    model.minimize(sum(int(w) * c for w, c in zip(problem.weight, capacities, strict=True)))
    for variable, value in zip([*starts, *capacities], [*hint.tolist(), *units.tolist()], strict=True):
        model.add_hint(variable, value)
    solver, status = timed_cpsat.solve(model, end, seed)
    lower = int(least @ problem.weight)
    if not timed_cpsat.has_values(status):
        return Exact(hint, lower)
    found = np.array([solver.value(start) for start in starts], np.int64)
    bound = max(lower, math.ceil(solver.best_objective_bound - 1e-6))
    return Exact(min(hint, found, key=problem.objective), bound)
