"""Modulo schedules from Rau's method, and from the wishes of lifetime-minimal schedules (SDC)."""

from collections.abc import Iterator

import numpy as np

from heurigym.experts.scheduling.modulo.bounds import least_interval
from heurigym.experts.scheduling.modulo.iterative import heights, schedule_at
from heurigym.experts.scheduling.modulo.lifetimes import Relaxed, least_lifetimes, with_best_stages
from heurigym.experts.scheduling.modulo.loop import Ints, Loop, Schedule, registers

_STAGE_OPERATIONS = 3000
"""Stages are chosen by linear programming in loops of at most this many operations."""


def guided_schedule(loop: Loop, interval: int, relaxed: Relaxed | None) -> Schedule | None:
    """The schedule of fewest registers that the wishes of the relaxed optimum lead to at an interval."""
    found = [] if relaxed is None else list(_wished(loop, interval, relaxed.starts))
    return min(found, key=lambda schedule: registers(loop, schedule), default=None)


def _wished(loop: Loop, interval: int, wishes: Ints) -> Iterator[Schedule]:
    for priority in (-wishes, heights(loop, interval)):
        schedule = schedule_at(loop, interval, priority, wishes)
        if schedule is not None:
            yield schedule
            if len(loop) <= _STAGE_OPERATIONS:
                yield with_best_stages(loop, schedule)


def first_schedules(loop: Loop, interval: int, relaxed: Relaxed | None) -> list[Schedule]:
    """Schedules of several simple methods at one interval, best first: one pass, Rau's method, and wishes."""
    found = [
        schedule_at(loop, interval, replacements=0),
        schedule_at(loop, interval),
        guided_schedule(loop, interval, relaxed),
    ]
    return sorted(
        (schedule for schedule in found if schedule is not None), key=lambda schedule: registers(loop, schedule)
    )


def shaken_schedule(loop: Loop, interval: int, seed: int, tries: int) -> Schedule | None:
    """A schedule at an interval at which Rau's priorities fail, from priorities disturbed at random."""
    source = np.random.default_rng(seed)
    base = heights(loop, interval)
    spread = max(1, int(base.max(initial=0) - base.min(initial=0)))
    for number in range(tries):
        noise = source.normal(0.0, spread * (0.02, 0.05, 0.1, 0.2)[number % 4], len(loop))
        schedule = schedule_at(loop, interval, base + noise.astype(np.int64), replacements=30)
        if schedule is not None:
            return schedule
    return None


def sdc_schedule(loop: Loop) -> Schedule | None:
    """SDC and iterative modulo scheduling, at the first interval from the least one on at which it comes out."""
    interval = max(loop.least, least_interval(loop))
    while loop.allows(interval):
        schedule = guided_schedule(loop, interval, least_lifetimes(loop, interval))
        if schedule is not None:
            return schedule
        if schedule_at(loop, interval, replacements=0) is not None:
            return None
        interval += 1
    return None
