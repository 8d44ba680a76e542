"""The expert: published methods first, then annealing, priced budgets, exact labels and CP-SAT, the best kept.

What proves an optimum depends on the couplings: none are for the integer program, those that reach a few layers for
labels, and those of all layers with all others for CP-SAT, as long as layers are few.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from heurigym.experts.quantization import allocation_additive as additive
from heurigym.experts.quantization import allocation_cpsat as cpsat
from heurigym.experts.quantization import allocation_labels as labels
from heurigym.experts.quantization.allocation import BitAllocation, Floats, Ints
from heurigym.experts.quantization.allocation_annealing import Annealer
from heurigym.experts.quantization.allocation_bounds import eigenvalue_bound, lagrangian_bound
from heurigym.experts.quantization.allocation_elimination import Elimination, TooWide
from heurigym.experts.quantization.allocation_simple import fill, greedy, in_order, repair, uniform

_MOST_PRODUCTS = 60_000
"""Instances with more pairs of choices than this are not given to CP-SAT."""

_FIRST_MOVES = 200_000
_MOST_MOVES = 20_000_000
_HEATS = (0.5, 0.1, 1.0, 0.2)
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Allocated:
    """What the expert found.

    Attributes:
        choice: the choice of each unit.
        loss: its loss.
        bound: proven lower bound on the loss of every allocation within the budgets, or ``None``.
        method: what found it.
    """

    choice: Ints
    loss: int
    bound: int | None
    method: str


@dataclass
class _Search:
    """The best allocation so far, and the best bound."""

    problem: BitAllocation
    deadline: float
    clock: Callable[[], float]
    choice: Ints
    loss: int
    method: str
    bound: float = -math.inf
    prices: Floats = field(default_factory=lambda: np.zeros(0))

    def offer(self, choice: Ints, method: str) -> bool:
        """Take an allocation if it is within the budgets and better."""
        if not self.problem.is_feasible(choice) or self.problem.total(choice) >= self.loss:
            return False
        self.choice, self.loss, self.method = choice.copy(), self.problem.total(choice), method
        return True

    def prove(self, bound: float) -> None:
        """Take a bound if it is higher."""
        self.bound = max(self.bound, min(bound, float(self.loss)))

    @property
    def left(self) -> float:
        return self.deadline - self.clock()

    @property
    def is_over(self) -> bool:
        return self.left <= 0 or self.is_optimal

    @property
    def is_optimal(self) -> bool:
        """Whether nothing less is possible, since losses are whole numbers."""
        return self.bound > self.loss - 1 + _TOLERANCE


def allocate(
    problem: BitAllocation, seconds: float, seed: int = 0, clock: Callable[[], float] = time.monotonic
) -> Allocated:
    """The best allocation that the portfolio finds in about ``seconds``; it ends early at a proven optimum.

    Raises:
        ValueError: no uniform allocation keeps all budgets.
    """
    deadline = clock() + seconds
    first = uniform(problem)
    search = _Search(problem, deadline, clock, first, problem.total(first), "uniform bits")
    _try_published(search, seed)
    if not search.is_optimal:
        annealer = Annealer(problem, seed)
        _anneal(search, annealer, until=clock() + 0.15 * search.left, rounds=6)
        _price(search, annealer, seed)
        _solve_exactly(search, seed)
        _anneal(search, annealer, until=deadline)
    # Losses are positive wherever errors do not cancel to nothing, so a bound that is not says nothing.
    bound = min(search.loss, math.ceil(search.bound - _TOLERANCE)) if search.bound > 0 else None
    return Allocated(search.choice, search.loss, bound, search.method)


def _try_published(search: _Search, seed: int) -> None:
    problem = search.problem
    for coupled, method in ((False, "greedy descent"), (True, "greedy descent with couplings")):
        try:
            search.offer(greedy(problem, coupled), method)
        except ValueError:
            continue
    cheapest = problem.loss.max(axis=1).astype(np.float64)
    search.offer(in_order(problem, cheapest), "HAWQ's order")
    answer = additive.integer_program(problem, 0.25 * search.left, seed, search.clock)
    if answer.choice is not None:
        search.offer(answer.choice, "HAWQ-V3's integer program")
        search.offer(fill(problem, answer.choice), "HAWQ-V3's integer program, improved with couplings")
    if not len(problem.first):
        search.prove(answer.bound)
    elif answer.bound > 0:
        search.prove(eigenvalue_bound(problem, answer.bound))


def _anneal(search: _Search, annealer: Annealer, until: float, rounds: int = 1_000_000) -> None:
    """Rounds from the best allocation, each twice as long as before when four of them did not help."""
    moves, fruitless = _FIRST_MOVES, 0
    for number in range(rounds):
        if search.is_optimal or search.clock() >= until:
            return
        found = annealer.round(search.choice, moves, _HEATS[number % len(_HEATS)])
        fruitless = 0 if search.offer(found, "annealing") else fruitless + 1
        if fruitless and fruitless % len(_HEATS) == 0:
            moves = min(2 * moves, _MOST_MOVES)


def _price(search: _Search, annealer: Annealer, seed: int) -> None:
    """The Lagrangian bound, and allocations from the minima at its prices and at others nearby."""
    problem = search.problem
    try:
        elimination = Elimination(problem)
    except TooWide:
        return
    until = search.clock() + 0.4 * search.left
    priced = lagrangian_bound(problem, elimination, search.loss, is_over=lambda: search.clock() >= until)
    search.prices = priced.prices
    search.prove(priced.bound)
    for choice in priced.choices:
        _mend(search, annealer, choice)
    random = np.random.default_rng(seed)
    while not search.is_optimal and search.clock() < until:
        prices = priced.prices * np.exp(random.normal(0.0, 0.02, len(priced.prices)))
        _, choice = elimination.minimum(problem.loss + np.tensordot(prices, problem.use, 1))
        _mend(search, annealer, choice)
        if labels.is_narrow(problem):
            return


def _mend(search: _Search, annealer: Annealer, choice: Ints) -> None:
    """Make a minimum at some prices fit, fill what room is left, and improve it a little."""
    try:
        mended = fill(search.problem, repair(search.problem, choice))
    except ValueError:
        return
    search.offer(mended, "priced budgets")
    if search.problem.total(mended) < 1.02 * search.loss:
        search.offer(annealer.round(mended, _FIRST_MOVES, 0.05), "priced budgets and annealing")


def _solve_exactly(search: _Search, seed: int) -> None:
    problem = search.problem
    if not search.is_optimal and len(search.prices) == len(problem.budgets) and labels.is_narrow(problem):
        exact = labels.solve(problem, search.loss, search.prices, lambda: search.left <= 0)
        if exact.choice is not None:
            search.offer(exact.choice, "dynamic programming over choices and budgets")
        if exact.complete:
            search.prove(search.loss)
    products = len(problem.first) * problem.choice_count**2
    if not search.is_optimal and products <= _MOST_PRODUCTS and search.left > 1:
        answer = cpsat.solve(problem, 0.6 * search.left, search.choice, seed, search.clock)
        if answer.choice is not None:
            search.offer(answer.choice, "CP-SAT")
        search.prove(answer.bound)
