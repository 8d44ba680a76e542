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
from heurigym.experts.scheduling.memory.bounds import combinatorial_bound
from heurigym.experts.scheduling.memory.lifetimes import lifetime_bound
from heurigym.experts.scheduling.memory.lists import list_schedules
from heurigym.experts.scheduling.memory.moves import Cooling, anneal
from heurigym.experts.scheduling.memory.problem import MemoryProblem

_FIRST_MOVES = 20
"""Moves for each node of the first round of annealing; every round that finds nothing doubles them."""
_MOST_MOVES = 20_000_000
_HEATS_AND_TARGETS = ((20.0, 0.97), (5.0, 0.97), (5.0, 0.9), (20.0, 0.9), (100.0, 0.8), (100.0, 0.6))
"""Of rounds of annealing; which is best differs widely from one graph to the next."""
_FRESH = 0.25
"""Share of the rounds that begin at a one-pass schedule, so that one bad valley does not decide the search."""
_PATIENCE = 3
"""Rounds without an improvement after which a chain of rounds ends and another begins at a one-pass schedule."""
_DECODING_MOVES = 5
"""Moves for each node with which means of GauS are decoded."""

_BOUND_SHARE, _BOUND_NODES_A_SECOND = 0.2, 1000
"""Share of the time in which the bound from lifetimes has to be there, and the graphs that are small enough."""
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
        tried: all that had time to look for better ones.
    """

    problem: MemoryProblem
    starts: Ints
    method: str
    peak: int = field(init=False)
    tried: list[str] = field(default_factory=lambda: ["lists"])

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

    Where the machine code of annealing is not cached yet, making it is not counted.

    Raises:
        ImportError: a package of the extra ``experts`` is missing.
    """
    anneal(problem, problem.earliest, Cooling(moves=1, hot=1.0, cold=0.1, target=1.0), seed)
    began = clock()
    bound = combinatorial_bound(problem)
    if problem.nodes <= _BOUND_NODES_A_SECOND * seconds:
        bound = max(bound, lifetime_bound(problem, _BOUND_SHARE * seconds))
    best = one_pass(problem)
    gauss_s, cpsat_s = GAUSS_SHARE * seconds, CPSAT_SHARE * seconds
    use_gauss = gauss_s >= LEAST_GAUSS_S
    use_cpsat = cpsat_s >= LEAST_CPSAT_S and problem.nodes <= CPSAT_NODES
    annealing_s = seconds - gauss_s * use_gauss - cpsat_s * use_cpsat
    annealing = Annealing(best, seed, clock)
    annealing.run(began + 0.5 * annealing_s, bound)
    if best.peak > bound and use_gauss:
        improve_by_gauss(best, gauss_s, seed, clock)
    if best.peak > bound and use_cpsat:
        # OR-Tools takes a while to import, and short runs do without it.
        from heurigym.experts.scheduling.memory import cpsat

        starts, proven = cpsat.solve(problem, best.starts, cpsat_s, seed, clock)
        best.tried.append("CP-SAT")
        best.offer(starts, "CP-SAT")
        bound = max(bound, proven)
    if best.peak > bound:
        annealing.run(began + seconds, bound)
    return best, bound


def improve_by_annealing(
    best: Best, limit: float, bound: int, seed: int, clock: Callable[[], float] = time.process_time
) -> None:
    """Rounds of annealing until ``clock`` passes ``limit`` or the bound is met; at least one in any case."""
    Annealing(best, seed, clock).run(limit, bound)


class Annealing:
    """Rounds of annealing that can be interrupted, and go on with what they have learned.

    First each pair of a heat and a target has a round from the best schedule of one pass. After that, pairs are
    drawn, the better their last fresh round the more often. Most rounds go on from the best schedule of a chain,
    longer and longer ones while they find nothing; chains in which several in a row did not are given up.
    """

    def __init__(self, best: Best, seed: int, clock: Callable[[], float] = time.process_time) -> None:
        self._best, self._clock = best, clock
        self._random = np.random.default_rng(seed)
        self._schedules = sorted(list_schedules(best.problem).values(), key=best.problem.peak)
        self._first = self._moves = _FIRST_MOVES * best.problem.nodes + 20_000
        self._peaks: dict[tuple[float, float], int] = {}
        self._chain, self._fruitless = best.starts, 0

    def run(self, limit: float, bound: int) -> None:
        """Rounds until the clock passes ``limit`` or ``bound`` is met; at least one, whatever the limit."""
        best, problem = self._best, self._best.problem
        if best.peak > bound and "annealing" not in best.tried:
            best.tried.append("annealing")
        if best.peak < problem.peak(self._chain):
            self._chain, self._fruitless = best.starts, 0
        most = self._moves
        while best.peak > bound:
            moves = min(self._moves, most)
            started = self._clock()
            self._round(moves)
            now = self._clock()
            if now >= limit:
                return
            most = max(1000, int(moves / max(now - started, 1e-3) * (limit - now)))

    def _round(self, moves: int) -> None:
        best, problem = self._best, self._best.problem
        learning = len(self._peaks) < len(_HEATS_AND_TARGETS)
        fresh = learning or self._random.random() < _FRESH
        if learning:
            heat, target = _HEATS_AND_TARGETS[len(self._peaks)]
            begin = self._schedules[0]
        else:
            ranked = sorted(self._peaks, key=self._peaks.__getitem__)
            heat, target = ranked[min(int(self._random.geometric(0.5)), len(ranked)) - 1]
            begin = self._drawn_schedule() if fresh else self._chain
        cooling = Cooling(moves, hot=heat, cold=heat / 100.0, target=target)
        starts = anneal(problem, begin, cooling, int(self._random.integers(2**31)))
        peak = problem.peak(starts)
        best.offer(starts, "annealing")
        if fresh:
            self._peaks[heat, target] = peak
        if peak < problem.peak(self._chain):
            self._chain, self._fruitless = starts, 0
        elif not learning:
            self._fruitless += 1
            self._moves = min(2 * self._moves, _MOST_MOVES)
        if self._fruitless > _PATIENCE:
            self._chain, self._fruitless = self._drawn_schedule(), 0
            self._moves = max(self._first, self._moves // 2 ** (_PATIENCE + 1))

    def _drawn_schedule(self) -> Ints:
        return self._schedules[int(self._random.integers(len(self._schedules)))]


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
    best.tried.append("GauS")
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
