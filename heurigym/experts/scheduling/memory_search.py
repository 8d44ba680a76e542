"""The expert of memory scheduling: a portfolio whose parts each begin where the best one ended.

One-pass schedules come first, then rounds of annealing from the best schedules so far, GauS with a decoder that
legalises and anneals, and CP-SAT hinted with the best. Times are those of a clock of processor time by default.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from heurigym.experts.scheduling import gauss
from heurigym.experts.scheduling.graph import Floats, Ints
from heurigym.experts.scheduling.memory import MemoryProblem
from heurigym.experts.scheduling.memory_bounds import combinatorial_bound
from heurigym.experts.scheduling.memory_lists import list_schedules
from heurigym.experts.scheduling.memory_moves import Cooling, anneal

_FIRST_MOVES = 20
"""Moves for each node of the first round of annealing; every round that finds nothing doubles them."""
_MOST_MOVES = 20_000_000
_TARGETS = (0.97, 0.9, 0.99)
_HEATS = (20.0, 5.0, 60.0)
_DECODING_MOVES = 5
"""Moves for each node with which means of GauS are decoded."""

GAUSS_SHARE, CPSAT_SHARE = 0.15, 0.15
"""Shares of the time for GauS and for CP-SAT; annealing has the rest."""
LEAST_GAUSS_S, LEAST_CPSAT_S = 5.0, 1.0
"""Shares shorter than this are annealing's too: GauS is compiled for some seconds, and CP-SAT builds its model."""
CPSAT_NODES = 5_000
"""On larger graphs a share of the time does not let CP-SAT begin to search."""


@dataclass
class Best:
    """The best schedule so far.

    Attributes:
        problem: what is scheduled.
        starts: the schedule.
        peak: its objective.
        method: what found it.
    """

    problem: MemoryProblem
    starts: Ints
    method: str
    peak: int = field(init=False)

    def __post_init__(self) -> None:
        self.peak = self.problem.peak(self.starts)

    def offer(self, starts: Ints, method: str) -> bool:
        """Take a schedule if it is better."""
        peak = self.problem.peak(starts)
        if peak >= self.peak:
            return False
        self.starts, self.peak, self.method = starts, peak, method
        return True


def one_pass(problem: MemoryProblem) -> Best:
    """The best of the one-pass schedules."""
    schedules = list_schedules(problem)
    name = min(schedules, key=lambda name: problem.peak(schedules[name]))
    return Best(problem, schedules[name], f"one pass ({name})")


def search(
    problem: MemoryProblem, seconds: float, seed: int = 0, clock: Callable[[], float] = time.process_time
) -> tuple[Best, int]:
    """The best schedule of the whole portfolio in ``seconds`` of ``clock``, and a proven bound.

    Raises:
        ImportError: a package of the extra ``experts`` is missing.
    """
    began = clock()
    bound = combinatorial_bound(problem)
    best = one_pass(problem)
    gauss_s, cpsat_s = GAUSS_SHARE * seconds, CPSAT_SHARE * seconds
    use_gauss = gauss_s >= LEAST_GAUSS_S
    use_cpsat = cpsat_s >= LEAST_CPSAT_S and problem.nodes <= CPSAT_NODES
    annealing_s = seconds - gauss_s * use_gauss - cpsat_s * use_cpsat
    improve_by_annealing(best, began + 0.5 * annealing_s, bound, seed, clock)
    if best.peak > bound and use_gauss:
        improve_by_gauss(best, gauss_s, seed, clock)
    if best.peak > bound and use_cpsat:
        # OR-Tools takes a while to import, and short runs do without it.
        from heurigym.experts.scheduling import memory_cpsat

        starts, proven = memory_cpsat.solve(problem, best.starts, cpsat_s, seed, clock)
        best.offer(starts, "CP-SAT")
        bound = max(bound, proven)
    if best.peak > bound:
        improve_by_annealing(best, began + seconds, bound, seed + 1, clock)
    return best, bound


def improve_by_annealing(
    best: Best, limit: float, bound: int, seed: int, clock: Callable[[], float] = time.process_time
) -> None:
    """Rounds of annealing until ``clock`` passes ``limit`` or the bound is met; at least one, whatever the limit.

    A round begins at the best schedule or at where the one before ended, with heats and targets in turn. Rounds get
    longer while they find nothing.
    """
    problem = best.problem
    random = np.random.default_rng(seed)
    moves = _FIRST_MOVES * problem.nodes + 20_000
    schedules = list(list_schedules(problem).values())
    turn = 0
    rate = None
    while best.peak > bound:
        cooling = Cooling(moves, hot=_HEATS[turn % len(_HEATS)], target=_TARGETS[turn // 2 % len(_TARGETS)])
        # Every fourth round begins afresh, so that one bad valley does not decide the search.
        begin = schedules[int(random.integers(len(schedules)))] if turn % 4 == 3 else best.starts
        started = clock()
        improved = best.offer(anneal(problem, begin, cooling, int(random.integers(2**31))), "annealing")
        now = clock()
        rate = moves / max(now - started, 1e-3)
        turn += 1
        if not improved:
            moves = min(2 * moves, _MOST_MOVES)
        left = limit - now
        if left <= 0:
            return
        moves = max(1000, min(moves, int(rate * left)))


def improve_by_gauss(
    best: Best,
    seconds: float,
    seed: int,
    clock: Callable[[], float] = time.process_time,
    options: gauss.Options | None = None,
) -> None:
    """GauS from the best schedule, each round's means decoded by legalisation and a short annealing."""
    found = gauss.minimise_live_bits(
        best.problem.graph,
        best.problem.values,
        best.problem.deadline,
        gauss.Search(
            initial=best.starts,
            decode=decoder(best.problem),
            seconds=seconds,
            seed=seed,
            options=options or gauss.Options(rounds=10_000),
            clock=clock,
        ),
    )
    best.offer(found.starts, "GauS with decoding")


def decoder(problem: MemoryProblem, moves: int | None = None) -> gauss.Decode:
    """Legalises means, then anneals coldly; without moves it only legalises."""
    budget = _DECODING_MOVES * problem.nodes + 20_000 if moves is None else moves

    def decode(means: Floats) -> tuple[Ints, float]:
        starts = problem.graph.legalised(means, problem.deadline)
        if budget:
            starts = anneal(problem, starts, Cooling(budget, hot=2.0), 0)
        return starts, float(problem.peak(starts))

    return decode
