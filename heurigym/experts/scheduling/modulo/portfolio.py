"""The expert: the shortest interval that anything reaches, then the fewest registers that anything reaches there.

Simple schedules first, then disturbed priorities and CP-SAT at shorter intervals, then annealing, briefly from many
schedules of that interval and longer from the best of them, CP-SAT from what annealing found, and annealing again.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from heurigym.experts.scheduling.modulo import cpsat
from heurigym.experts.scheduling.modulo.annealing import Effort, compile_all, improve
from heurigym.experts.scheduling.modulo.bounds import least_interval
from heurigym.experts.scheduling.modulo.guided import first_schedules, shaken_schedule
from heurigym.experts.scheduling.modulo.iterative import schedule_loop
from heurigym.experts.scheduling.modulo.lifetimes import Relaxed, least_lifetimes
from heurigym.experts.scheduling.modulo.loop import Loop, Schedule, objective, registers
from heurigym.experts.scheduling.modulo.orders import ordered_schedules

CPSAT_OPERATIONS = 1500
"""CP-SAT is used on loops of at most this many operations."""
_SHORTER_SHARE, _FIRST_SHARE, _CPSAT_SHARE = 0.25, 0.45, 0.6
_TRIES = 20
_ORDERS, _ORDERS_SHARE = 8, 0.1
_COMPARED_SHARE = 0.3
_BRIEF_MOVES, _LONG_MOVES = 20, 100
"""Moves of a first round for each operation, where starts are compared and where the best are improved."""


@dataclass(frozen=True)
class Found:
    """What the expert found.

    Attributes:
        schedule: the best schedule.
        objective: its objective.
        bound: proven lower bound on the objective.
        method: what found it.
    """

    schedule: Schedule
    objective: int
    bound: int
    method: str

    @property
    def optimal(self) -> bool:
        """Whether the bound proves that nothing is better."""
        return self.bound == self.objective


class _Search:
    def __init__(self, loop: Loop, seed: int, deadline: float, clock: Callable[[], float]) -> None:
        self.loop, self.seed, self.deadline, self.clock = loop, seed, deadline, clock
        self.best: Schedule | None = None
        self.method = ""
        self.least = max(loop.least, least_interval(loop))
        self._register_bounds: dict[int, int] = {}

    def offer(self, schedule: Schedule | None, method: str) -> None:
        if schedule is None:
            return
        if self.best is None or objective(self.loop, schedule) < objective(self.loop, self.best):
            self.best, self.method = schedule, method

    @property
    def left(self) -> float:
        return self.deadline - self.clock()

    def relaxed(self, interval: int) -> Relaxed | None:
        relaxed = least_lifetimes(self.loop, interval)
        if relaxed is not None:
            self.learn(interval, relaxed.register_bound(interval))
        return relaxed

    def learn(self, interval: int, bound: int) -> None:
        self._register_bounds[interval] = max(bound, self._register_bounds.get(interval, 0))

    def registers_at_least(self, interval: int) -> int:
        return self._register_bounds.get(interval, 0)

    @property
    def bound(self) -> int:
        """At ``least`` what is known of registers there, or one more cycle."""
        here = self.registers_at_least(self.least)
        if self.loop.most == self.least:
            return here + self.loop.interval_weight * (self.least - self.loop.least)
        shift = self.loop.interval_weight * (self.least - self.loop.least)
        return shift + min(here, self.loop.interval_weight)


def schedule_pipeline(
    loop: Loop, seconds: float, seed: int = 0, clock: Callable[[], float] = time.process_time
) -> Found:
    """The best schedule that the portfolio finds in about ``seconds``; it ends early at a proven optimum.

    Raises:
        ValueError: no schedule with an allowed interval was found, or there is none.
    """
    search = _Search(loop, seed, clock() + seconds, clock)
    _find_first(search)
    _shorten(search)
    if search.best is None:
        raise ValueError(f"no schedule with an interval of at most {loop.most} was found")
    relaxed = search.relaxed(search.best.interval)
    starts = first_schedules(loop, search.best.interval, relaxed)
    for schedule in starts:
        search.offer(schedule, "SDC and iterative modulo scheduling")
    compile_all(loop, search.best)
    search.deadline = max(search.deadline, clock() + 0.2 * seconds)
    starts = _compared(search, [*starts, *_ordered(search)])
    _improve(search, starts[:2], _FIRST_SHARE)
    if len(loop) <= CPSAT_OPERATIONS:
        _solve(search)
    _improve(search, [search.best], 1.0)
    best = search.best
    value = objective(loop, best)
    return Found(best, value, min(search.bound, value), search.method)


def _find_first(search: _Search) -> None:
    search.offer(schedule_loop(search.loop, replacements=0), "list scheduling")
    search.offer(schedule_loop(search.loop), "iterative modulo scheduling")


def _shorten(search: _Search) -> None:
    """Try intervals below the best one, from the least on."""
    interval = search.least
    until = search.clock() + _SHORTER_SHARE * search.left
    while (search.best is None or interval < search.best.interval) and search.loop.allows(interval):
        if search.clock() > until:
            return
        found = shaken_schedule(search.loop, interval, search.seed, _TRIES)
        if found is None and len(search.loop) <= CPSAT_OPERATIONS:
            seconds = max(0.5, 0.5 * (until - search.clock()))
            answer = cpsat.solve(
                search.loop,
                interval,
                seconds,
                search.seed,
                feasibility_only=True,
                clock=search.clock,
            )
            found = answer.schedule
            if answer.impossible and interval == search.least:
                search.least += 1
        search.offer(found, "disturbed iterative modulo scheduling")
        interval += 1


def _ordered(search: _Search) -> list[Schedule]:
    """Some schedules at the best interval from orders that do not look at heights."""
    assert search.best is not None
    until = search.clock() + _ORDERS_SHARE * search.left
    found = []
    schedules = ordered_schedules(search.loop, search.best.interval, search.seed)
    for schedule in itertools.islice(schedules, _ORDERS):
        if schedule is not None:
            search.offer(schedule, "modulo scheduling in another order")
            found.append(schedule)
        if search.clock() >= until:
            break
    return found


def _compared(search: _Search, starts: list[Schedule]) -> list[Schedule]:
    """The schedules after one brief round of annealing each, as far as there is time; the best come first."""
    until = search.clock() + _COMPARED_SHARE * search.left
    effort = Effort(rounds=1, moves=_BRIEF_MOVES * len(search.loop))
    annealed = []
    for number, start in enumerate(starts):
        if search.clock() < until:
            start = improve(search.loop, start, search.seed + number, until, effort, clock=search.clock)
            search.offer(start, "annealing")
        annealed.append(start)
    return sorted(annealed, key=lambda schedule: registers(search.loop, schedule))


def _improve(search: _Search, starts: list[Schedule], share: float) -> None:
    """Anneal from each start in turn for a share of the time left."""
    assert search.best is not None
    interval = search.best.interval
    begin, total = search.clock(), share * search.left
    for number, start in enumerate(starts, 1):
        if registers(search.loop, search.best) <= search.registers_at_least(interval):
            return
        found = improve(
            search.loop,
            start,
            search.seed + number,
            begin + total * number / len(starts),
            Effort(moves=max(50_000, _LONG_MOVES * len(search.loop))),
            search.registers_at_least(interval),
            search.clock,
        )
        search.offer(found, "annealing")


def _solve(search: _Search) -> None:
    assert search.best is not None
    interval = search.best.interval
    if search.left < 1 or registers(search.loop, search.best) <= search.registers_at_least(interval):
        return
    answer = cpsat.solve(
        search.loop,
        interval,
        _CPSAT_SHARE * search.left,
        search.seed,
        search.best,
        clock=search.clock,
    )
    search.learn(interval, answer.bound)
    search.offer(answer.schedule, "CP-SAT hinted with annealing")
