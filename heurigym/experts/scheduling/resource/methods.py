"""The methods of resource-minimal scheduling, one by one, for comparisons at equal processor time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.resource.bounds import energetic_units
from heurigym.experts.scheduling.resource.cpsat import solve_exactly
from heurigym.experts.scheduling.resource.force import force_directed
from heurigym.experts.scheduling.resource.gauss import gauss_schedule
from heurigym.experts.scheduling.resource.lists import list_schedule, searched_caps
from heurigym.experts.scheduling.resource.portfolio import Best, quick_schedules, schedule
from heurigym.experts.scheduling.resource.problem import ResourceProblem, read_problem
from heurigym.experts.scheduling.resource.search import TimeBudget, local_search

Answer = tuple[int, int | None, Ints]
"""Objective, proven bound if there is one, and starts in the order of the instance's nodes."""


def _list(problem: ResourceProblem, seconds: float, seed: int) -> tuple[Ints, int]:
    least = energetic_units(problem)
    return list_schedule(problem, least), int(least @ problem.weight)


def _caps(problem: ResourceProblem, seconds: float, seed: int) -> tuple[Ints, int]:
    least = energetic_units(problem)
    return searched_caps(problem, least), int(least @ problem.weight)


def _force(problem: ResourceProblem, seconds: float, seed: int) -> tuple[Ints, None]:
    return force_directed(problem, seed), None


def _search(problem: ResourceProblem, seconds: float, seed: int) -> tuple[Ints, int]:
    best = _quick(problem, seed)
    budget = TimeBudget(seconds)
    return local_search(problem, best.starts, best.least, budget, seed), best.bound


def _gauss(problem: ResourceProblem, seconds: float, seed: int) -> tuple[Ints, None]:
    least = energetic_units(problem)
    return gauss_schedule(problem, None, least, seconds, seed), None


def _exact(problem: ResourceProblem, seconds: float, seed: int) -> tuple[Ints, int]:
    best = _quick(problem, seed)
    found = solve_exactly(problem, best.starts, best.least, seconds, seed)
    return found.starts, found.bound


def _portfolio(problem: ResourceProblem, seconds: float, seed: int) -> tuple[Ints, int]:
    best = schedule(problem, seconds, seed)
    return best.starts, best.bound


def _quick(problem: ResourceProblem, seed: int) -> Best:
    best = Best.of(problem)
    quick_schedules(best, seed)
    return best


def _reading(
    method: Callable[[ResourceProblem, float, int], tuple[Ints, int | None]],
) -> Callable[[Path, float, int], Answer]:
    def run(instance_path: Path, budget_s: float, seed: int) -> Answer:
        problem = read_problem(instance_path)
        starts, bound = method(problem, budget_s, seed)
        return problem.objective(starts), bound, starts

    return run


METHODS: dict[str, Callable[[Path, float, int], Answer]] = {
    "list": _reading(_list),
    "list, caps searched": _reading(_caps),
    "force-directed": _reading(_force),
    "local search": _reading(_search),
    "GauS": _reading(_gauss),
    "CP-SAT, hinted": _reading(_exact),
    "portfolio": _reading(_portfolio),
}
"""``METHODS[name](instance, seconds of processor time, seed)``."""
