"""The whole problem for OR-Tools CP-SAT: one cumulative constraint for each type, with a variable capacity."""

from __future__ import annotations

import importlib.metadata
import math
import threading
import time
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.resource.problem import ResourceProblem

_POLL_SECONDS = 0.1
_WALL_FACTOR = 20.0


@dataclass(frozen=True, slots=True)
class Exact:
    """What CP-SAT found.

    Attributes:
        starts: its best schedule; the hint when it found no other.
        bound: proven lower bound on the objective.
    """

    starts: Ints
    bound: int


def version() -> str:
    """Version of OR-Tools.

    Raises:
        importlib.metadata.PackageNotFoundError: it is not installed.
    """
    return importlib.metadata.version("ortools")


def solve_exactly(problem: ResourceProblem, hint: Ints, least: Ints, seconds: float, seed: int) -> Exact:
    """Improve ``hint`` and prove a bound, with one thread.

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
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = max(1.0, seconds * _WALL_FACTOR)
    status = _solved_until(solver, model, end)
    lower = int(least @ problem.weight)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Exact(hint, lower)
    found = np.array([solver.value(start) for start in starts], np.int64)
    bound = max(lower, math.ceil(solver.best_objective_bound - 1e-6))
    return Exact(min(hint, found, key=problem.objective), bound)


def _solved_until(solver: cp_model.CpSolver, model: cp_model.CpModel, end: float) -> cp_model.CpSolverStatus:
    """Solve until the processor time of this process reaches ``end``; CP-SAT itself only limits elapsed time."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_SECONDS):
            if time.process_time() >= end:
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return solver.solve(model)
    finally:
        done.set()
        watcher.join()
