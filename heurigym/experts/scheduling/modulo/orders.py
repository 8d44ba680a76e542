"""Modulo schedules from orders that look at registers, or at nothing: what large loops are best annealed from.

Rau's heights bring everything forward that has a long way to go, so many values are alive at once. Placed in any
other order in which values come before their readers, operations start as early as they can, but not all of them
compete for the first cycles; an order that follows a value to its readers before it begins the next leaves few
alive.
"""

import heapq
from collections.abc import Iterator

import numpy as np

from heurigym.experts.scheduling.modulo.iterative import schedule_at
from heurigym.experts.scheduling.modulo.loop import Floats, Ints, Loop, Schedule


def ordered_schedules(loop: Loop, interval: int, seed: int) -> Iterator[Schedule | None]:
    """Schedules at an interval from random and from depth-first orders in turn, without end.

    ``None`` stands for an order for which the budget of placements did not suffice.
    """
    random = np.random.default_rng(seed)
    while True:
        for depth_first in (False, True):
            yield schedule_at(loop, interval, -order_ranks(loop, random.random(len(loop)), depth_first))


def order_ranks(loop: Loop, keys: Floats, depth_first: bool) -> Ints:
    """The place of each operation in an order in which edges of distance 0 lead onwards.

    Operations on or after a cycle of distance 0 come last.

    Args:
        loop: the loop.
        keys: of each operation; of those that are ready, the one with the least key is next.
        depth_first: whether what became ready later comes before that.
    """
    same = np.flatnonzero(loop.distance == 0)
    targets: list[list[int]] = [[] for _ in range(len(loop))]
    missing = np.bincount(loop.target[same], minlength=len(loop))
    for edge in same:
        targets[loop.source[edge]].append(int(loop.target[edge]))
    ready = [(0, float(keys[operation]), int(operation)) for operation in np.flatnonzero(missing == 0)]
    heapq.heapify(ready)
    ranks = np.full(len(loop), len(loop), np.int64)
    place = 0
    while ready:
        operation = heapq.heappop(ready)[2]
        ranks[operation] = place
        place += 1
        for target in targets[operation]:
            missing[target] -= 1
            if missing[target] == 0:
                heapq.heappush(ready, (-place if depth_first else 0, float(keys[target]), target))
    return ranks
