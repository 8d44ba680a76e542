"""Routes that a search has met, each set of requests with its shortest order, in a hash table of arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurigym.experts.compiled import compiled
from heurigym.experts.routing.network import Ints, Nodes, Routes

_SLOTS = 1 << 17
_MOST = 60_000
"""Routes that are kept; later ones are dropped."""
_STOPS = 3_000_000
"""Stops of all kept routes together."""


class Pool(NamedTuple):
    """Routes.

    Attributes:
        key: sum of the keys of a route's requests by slot, zero where there is none; shape (slots,).
        cost: length of the route in the slot.
        first: where its stops begin.
        size: its number of stops, without the depot.
        stops: the stops of all routes one after the other.
        used: number of routes and number of stops; shape (2,).
        keys: random key of each request; shape (requests,).
    """

    key: NDArray[np.uint64]
    cost: Ints
    first: Ints
    size: Ints
    stops: Nodes
    used: Ints
    keys: NDArray[np.uint64]


def empty_pool(requests: int) -> Pool:
    """A pool without routes."""
    source = np.random.default_rng(requests)
    return Pool(
        np.zeros(_SLOTS, np.uint64),
        np.zeros(_SLOTS, np.int64),
        np.zeros(_SLOTS, np.int64),
        np.zeros(_SLOTS, np.int64),
        np.zeros(_STOPS, np.int32),
        np.zeros(2, np.int64),
        source.integers(1, 1 << 63, requests, np.uint64),
    )


@compiled
def add_route(pool: Pool, stops: Nodes, size: int, cost: int, requests: int) -> None:
    """Keep a route unless its requests have a route that is as short; stops include the depot at both ends.

    Two sets of requests with the same sum of keys would count as one; that costs a route and nothing else.
    """
    key = np.uint64(0)
    for place in range(1, size - 1):
        if stops[place] <= requests:
            key += pool.keys[stops[place] - 1]
    slots = len(pool.key)
    slot = np.int64(key % np.uint64(slots))
    while pool.key[slot] != 0 and pool.key[slot] != key:
        slot = (slot + 1) % slots
    is_new = pool.key[slot] == 0
    if not is_new and pool.cost[slot] <= cost:
        return
    count = size - 2
    if is_new:
        if pool.used[0] >= _MOST or pool.used[1] + count > len(pool.stops):
            return
        pool.key[slot] = key
        pool.first[slot] = pool.used[1]
        pool.used[0] += 1
        pool.used[1] += count
    elif pool.size[slot] != count:
        return
    pool.cost[slot] = cost
    pool.size[slot] = count
    first = pool.first[slot]
    pool.stops[first : first + count] = stops[1 : size - 1]


def pooled_routes(pool: Pool) -> tuple[Ints, Routes]:
    """Lengths and stops of all routes."""
    slots = np.flatnonzero(pool.key)
    firsts, counts = pool.first[slots].tolist(), pool.size[slots].tolist()
    return pool.cost[slots], [
        pool.stops[first : first + count].tolist() for first, count in zip(firsts, counts, strict=True)
    ]


def clear(pool: Pool) -> None:
    """Drop all routes."""
    pool.key[:] = 0
    pool.used[:] = 0
