"""The expert of resource-minimal scheduling: a portfolio that keeps the best schedule and knows who found it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heurigym.experts import timed_cpsat
from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.resource.bounds import energetic_units
from heurigym.experts.scheduling.resource.cpsat import solve_exactly
from heurigym.experts.scheduling.resource.force import force_directed
from heurigym.experts.scheduling.resource.gauss import gauss_schedule
from heurigym.experts.scheduling.resource.lists import list_schedule, searched_caps
from heurigym.experts.scheduling.resource.problem import ResourceProblem
from heurigym.experts.scheduling.resource.search import TimeBudget, local_search

VERSION = "1"
"""Version of the own methods; raised when their results change."""
GAUSS_SECONDS = 30.0
"""GauS takes part when there are at least this many seconds: JAX compiles for several."""
EXACT_NODES = 8000
"""CP-SAT takes part on graphs of at most this many nodes; on larger ones its model alone takes the time."""


@dataclass(slots=True)
class Best:
    """The best schedule so far, a lower bound, and where both come from.

    Attributes:
        problem: the problem.
        least: lower bound on the units of each type; shape (types,).
        starts: the schedule.
        value: its objective.
        solver: the method that found it.
        bound: proven lower bound on the objective.
    """

    problem: ResourceProblem
    least: Ints
    starts: Ints
    value: int
    solver: str
    bound: int

    @classmethod
    def of(cls, problem: ResourceProblem) -> Best:
        """Everything as early as possible, and the bound by the work in intervals."""
        least = energetic_units(problem)
        starts = problem.earliest
        return cls(
            problem, least, starts, problem.objective(starts), "as early as possible", int(least @ problem.weight)
        )

    @property
    def is_optimal(self) -> bool:
        """Whether the schedule meets the bound."""
        return self.value == self.bound

    def offer(self, starts: Ints, solver: str) -> None:
        """Keep a schedule if it is better."""
        value = self.problem.objective(starts)
        if value < self.value:
            self.starts, self.value, self.solver = starts, value, solver


def quick_schedules(best: Best, seed: int) -> None:
    """Offer the schedules that take one pass: late, list scheduling, list scheduling with caps, force-directed."""
    problem = best.problem
    best.offer(problem.latest, "as late as possible")
    for units in (np.ones_like(best.least), best.least, problem.units(best.starts)):
        best.offer(list_schedule(problem, units), "list scheduling")
    best.offer(searched_caps(problem, best.least), "list scheduling with caps by binary search")
    best.offer(force_directed(problem, seed), "force-directed scheduling")


def schedule(problem: ResourceProblem, seconds: float, seed: int) -> Best:
    """The best schedule of all methods within about ``seconds`` of processor time.

    The quick methods come first, each once; then local search, GauS where there is time for it, and CP-SAT where
    the graph is small enough, each from the best schedule so far; local search ends. A proof ends the whole.

    Raises:
        ImportError: a package of the extra ``experts`` is missing.
    """
    end = time.process_time() + seconds
    best = Best.of(problem)
    quick_schedules(best, seed)

    def search(share: float) -> None:
        budget = TimeBudget(share * (end - time.process_time()))
        best.offer(local_search(problem, best.starts, best.least, budget, seed), "local search")

    def descend() -> None:
        if seconds >= GAUSS_SECONDS:
            share = 0.15 * (end - time.process_time())
            best.offer(gauss_schedule(problem, best.starts, best.least, share, seed), "GauS")

    def prove() -> None:
        if problem.nodes <= EXACT_NODES:
            exact = solve_exactly(problem, best.starts, best.least, 0.6 * (end - time.process_time()), seed)
            best.offer(exact.starts, "CP-SAT")
            best.bound = max(best.bound, exact.bound)

    steps: tuple[Callable[[], None], ...] = (lambda: search(0.55), descend, prove, lambda: search(1.0))
    for step in steps:
        if best.is_optimal or time.process_time() >= end:
            break
        step()
    return best


def versions() -> str:
    """Versions of the own methods and of OR-Tools."""
    return f"heurigym scheduling {VERSION}, ortools {timed_cpsat.version()}"
