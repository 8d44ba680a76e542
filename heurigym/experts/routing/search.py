"""The expert: rounds of large neighbourhood search, each followed by set partitioning of the routes that it met."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from heurigym.experts.routing.annealing import Annealer
from heurigym.experts.routing.network import PickupDelivery, Routes
from heurigym.experts.routing.partitioning import recombine, serves_all
from heurigym.experts.routing.pool import clear, pooled_routes

ROUNDS = ((0.45, 3.0, 16.0), (0.3, 2.0, 16.0), (0.25, 0.5, 10.0))
"""Share of the time, first temperature in mean arcs, and mean size of removals of each round.

The first two are hot enough to leave the structure of the best routes: where routes are few and long, cooler rounds
end several percent apart from each other.
"""
COLDEST = 3e-3
"""Last temperature of a round, in mean arcs."""
PARTITION = 0.15
"""Largest share of a round's time that set partitioning gets."""
_CHUNK_S = 0.1


@dataclass(frozen=True)
class Found:
    """What the expert found.

    Attributes:
        routes: the best routes; each request is served.
        cost: their length in hundredths.
        method: what found them.
    """

    routes: Routes
    cost: int
    method: str


def compile_all() -> None:
    """Compile what :func:`search` runs, or read it from the cache, so that this is not charged to an instance."""
    tiny = PickupDelivery.of(
        "", 1, 1, [(1, 0, 0), (2, 1, 0), (3, 2, 0)], [(1, 0, 0, 9, 0), (2, 1, 0, 9, 0), (3, -1, 0, 9, 0)], [(2, 3)]
    )
    Annealer(tiny, 0).restart()


def search(
    problem: PickupDelivery, seconds: float, seed: int, clock: Callable[[], float] = time.process_time
) -> Found:
    """The best routes found in ``seconds`` by ``clock``, with compiling left aside.

    Raises:
        ValueError: no routes were found that serve each request; more time may help.
    """
    compile_all()
    planned = clock()
    end = planned + seconds
    annealer = Annealer(problem, seed)
    method = "large neighbourhood search"
    speed = 1000.0
    for share, hot, mean in ROUNDS:
        planned += share * seconds
        speed = _anneal_until(annealer, planned - PARTITION * share * seconds, hot, mean, speed, clock)
        if annealer.absent:
            annealer.restart()
            continue
        annealer.pool_best()
        costs, routes = pooled_routes(annealer.search.pool)
        before = annealer.cost
        combined = recombine(problem, costs, routes, PARTITION * share * seconds, seed, clock)
        if combined and serves_all(problem, combined) and problem.distance(combined) < before:
            annealer.restart(combined)
            method = "set partitioning of routes of large neighbourhood search"
        else:
            annealer.restart()
        if annealer.search.pool.used[0] > 20_000:
            clear(annealer.search.pool)
    _anneal_until(annealer, end, COLDEST, ROUNDS[-1][2], speed, clock)
    if annealer.absent or not serves_all(problem, annealer.routes):
        raise ValueError(f"{problem.name}: found no routes that serve each request in {seconds:g} s")
    return Found(annealer.routes, annealer.cost, method)


def _anneal_until(
    annealer: Annealer, until: float, hot: float, mean: float, speed: float, clock: Callable[[], float]
) -> float:
    """Anneal from ``hot`` mean arcs to ``COLDEST`` until ``until``; the steps per second that were seen."""
    begin = clock()
    span = max(1e-9, until - begin)
    while (now := clock()) < until:
        steps = max(10, int(speed * min(_CHUNK_S, until - now)))
        done, after = (now - begin) / span, min(1.0, (now - begin + _CHUNK_S) / span)
        arc = annealer.mean_arc
        factor = COLDEST / hot
        annealer.run(steps, arc * hot * factor**done, arc * hot * factor**after, mean)
        speed = steps / max(1e-4, clock() - now)
    return speed
