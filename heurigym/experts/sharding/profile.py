"""Memory in use at each point, in blocks: adding to a range and its maximum look at whole blocks where they can."""

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.sharding.arrays import Integers

BLOCK = 128
LOWEST = -(2**62)


def empty_profile(points: int) -> tuple[Integers, Integers, Integers]:
    """Load of each point, and of each block its maximum and what was added to all of it."""
    blocks = points // BLOCK + 1
    return np.zeros(points, np.int64), np.zeros(blocks, np.int64), np.zeros(blocks, np.int64)


@compiled
def add(load: Integers, top: Integers, lift: Integers, begin: int, end: int, change: int) -> None:
    """Add ``change`` to the points from ``begin`` up to ``end``, which is left out."""
    place = begin
    while place < end:
        block = place // BLOCK
        stop = min(end, (block + 1) * BLOCK)
        if place == block * BLOCK and stop == (block + 1) * BLOCK:
            lift[block] += change
            top[block] += change
        else:
            for point in range(place, stop):
                load[point] += change
            most = LOWEST
            for point in range(block * BLOCK, min(len(load), (block + 1) * BLOCK)):
                most = max(most, load[point])
            top[block] = most + lift[block]
        place = stop


@compiled
def most(load: Integers, top: Integers, lift: Integers, begin: int, end: int) -> int:
    """The most load of the points from ``begin`` up to ``end``, which is left out."""
    result = LOWEST
    place = begin
    while place < end:
        block = place // BLOCK
        stop = min(end, (block + 1) * BLOCK)
        if place == block * BLOCK and stop == (block + 1) * BLOCK:
            result = max(result, top[block])
        else:
            for point in range(place, stop):
                result = max(result, load[point] + lift[block])
        place = stop
    return result
