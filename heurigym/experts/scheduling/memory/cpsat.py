"""Memory scheduling by OR-Tools CP-SAT: one cumulative constraint whose capacity is minimised."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from ortools.sat.python import cp_model

from heurigym.experts import timed_cpsat
from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.memory.bounds import combinatorial_bound
from heurigym.experts.scheduling.memory.problem import MemoryProblem


def solve(
    problem: MemoryProblem,
    hint: Ints,
    seconds: float,
    seed: int = 0,
    clock: Callable[[], float] = time.process_time,
) -> tuple[Ints, int]:
    """The best schedule that CP-SAT finds in ``seconds`` of ``clock`` from a feasible ``hint``, and a bound.

    A value lives in the half-open interval from its ready step to one step after its last use; that end is a
    variable of its own, at least one step after the start of each consumer.
    """
    limit = clock() + seconds
    bound = combinatorial_bound(problem)
    peak = problem.peak(hint)
    if peak == bound:
        return hint, bound
    graph = problem.graph
    model = cp_model.CpModel()
    windows = zip(problem.earliest.tolist(), problem.latest.tolist(), strict=True)
    start = [model.new_int_var(low, high, "") for low, high in windows]
    for source, target, gap in zip(
        graph.source.tolist(), graph.target.tolist(), graph.separation.tolist(), strict=True
    ):
        model.add(start[target] >= start[source] + gap)
    peak_of = model.new_int_var(bound, peak, "peak")
    last = problem.last_uses(hint)
    ends: dict[int, cp_model.IntVar] = {}
    lives, demands = [], []
    for value in np.flatnonzero(problem.is_ever_live).tolist():
        ready = start[value] + int(graph.latency[value])
        end: cp_model.LinearExprT = problem.deadline + 1
        if not problem.is_output[value]:
            end = ends[value] = model.new_int_var(0, problem.deadline + 1, "")
            for target in graph.targets[graph.first_edge[value] : graph.first_edge[value + 1]].tolist():
                model.add(ends[value] >= start[target] + 1)
            model.add_hint(ends[value], int(last[value]) + 1)
        size = model.new_int_var(1, problem.deadline + 1, "")
        model.add_hint(size, int(last[value] + 1 - hint[value] - graph.latency[value]))
        lives.append(model.new_interval_var(ready, size, end, ""))
        demands.append(int(problem.bits[value]))
    model.add_cumulative(lives, demands, peak_of)
    model.minimize(peak_of)
    for variable, step in zip(start, hint.tolist(), strict=True):
        model.add_hint(variable, step)
    model.add_hint(peak_of, peak)
    solver, status = timed_cpsat.solve(model, limit, seed, clock)
    if not timed_cpsat.has_values(status):
        return hint, bound
    starts = np.array([solver.value(variable) for variable in start], np.int64)
    proven = max(bound, math.ceil(solver.best_objective_bound - 1e-6))
    return (starts if problem.peak(starts) < peak else hint), proven
