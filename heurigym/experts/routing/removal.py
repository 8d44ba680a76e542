"""Choosing the requests that a step takes out: strings of neighbouring routes, related ones, random ones, a route.

Strings are those of J. Christiaens and G. Vanden Berghe (2020), on the stops of pickups and deliveries alike: a
request leaves when one of its stops lies on a string. Related and random requests leave as in S. Ropke and
D. Pisinger (2006). Full references stand in :mod:`heurigym.experts.routing.insertion`.
"""

from __future__ import annotations

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.routing.network import Ints, Network
from heurigym.experts.routing.plan import ABSENT, Plan

_STRING = 10
"""Longest string, in stops."""
_SPLIT = 0.5
"""Probability that a string keeps some of its middle."""
_LONGER = 0.5
"""Probability that one more stop in the middle is kept."""
_RELATED, _RANDOM, _ROUTE = 0.08, 0.05, 0.03
"""Probabilities of the other removals."""
_GREED = 4.0
"""Exponent that draws related requests towards the nearest."""


@compiled
def choose(network: Network, plan: Plan, mean: float, leaves: Ints) -> int:
    """Mark requests that are to leave, about ``mean`` of them on average; how many.

    Args:
        network: the instance.
        plan: the plan.
        mean: average number of stops or requests.
        leaves: set to one for those that leave, zero before; shape (requests,).
    """
    requests = network.requests
    draw = np.random.random()
    if draw < _ROUTE:
        return _whole_route(network, plan, mean, leaves)
    if draw < _ROUTE + _RANDOM:
        count = 0
        for _ in range(1 + int(2 * mean * np.random.random())):
            count += _mark(plan, leaves, np.random.randint(requests))
        return count
    if draw < _ROUTE + _RANDOM + _RELATED:
        return _related(network, plan, mean, leaves)
    return _strings(network, plan, mean, leaves)


@compiled
def _mark(plan: Plan, leaves: Ints, request: int) -> int:
    if leaves[request] != 0 or plan.vehicle[request] == ABSENT:
        return 0
    leaves[request] = 1
    return 1


@compiled
def _whole_route(network: Network, plan: Plan, mean: float, leaves: Ints) -> int:
    route = np.random.randint(len(plan.size))
    count = 0
    if plan.size[route] - 2 > 6 * mean:
        return 0
    for place in range(1, plan.size[route] - 1):
        count += _mark(plan, leaves, (plan.stops[route, place] - 1) % network.requests)
    return count


@compiled
def _related(network: Network, plan: Plan, mean: float, leaves: Ints) -> int:
    nodes = network.near.shape[1]
    wanted = 1 + int(2 * mean * np.random.random())
    center = np.random.randint(network.requests)
    count = _mark(plan, leaves, center)
    for _ in range(2 * wanted):
        if count >= wanted:
            break
        node = 1 + center + network.requests * np.random.randint(2)
        rank = int(nodes * np.random.random() ** _GREED)
        request = (network.near[node, rank] - 1) % network.requests
        if _mark(plan, leaves, request) == 1:
            count += 1
            if np.random.random() < 0.5:
                center = request
    return count


@compiled
def _strings(network: Network, plan: Plan, mean: float, leaves: Ints) -> int:
    stops = 0
    used = 0
    for size in plan.size:
        stops += size - 2
        used += size > 2
    if used == 0:
        return 0
    longest = min(float(_STRING), stops / used)
    strings = int(1 + np.random.random() * (4.0 * mean / (1.0 + longest) - 1.0))
    seen = np.zeros(len(plan.size), np.int64)
    count, done = 0, 0
    for node in network.near[1 + np.random.randint(2 * network.requests)]:
        if done >= strings:
            break
        request = (node - 1) % network.requests
        route = plan.vehicle[request]
        if leaves[request] != 0 or route == ABSENT or seen[route] != 0:
            continue
        seen[route] = 1
        done += 1
        count += _string(network, plan, route, node, longest, leaves)
    return count


@compiled
def _string(network: Network, plan: Plan, route: int, node: int, longest: float, leaves: Ints) -> int:
    length = plan.size[route] - 2
    place = 1
    while plan.stops[route, place] != node:
        place += 1
    wanted = int(1 + np.random.random() * min(float(length), longest))
    wanted = min(wanted, length)
    kept = 0
    if wanted > 1 and wanted < length and np.random.random() < _SPLIT:
        kept = 1
        while wanted + kept < length and np.random.random() > _LONGER:
            kept += 1
    span = wanted + kept
    low = max(1, place - span + 1)
    first = low + np.random.randint(min(place, length - span + 1) - low + 1)
    gap = first + wanted if kept == 0 else first + 1 + np.random.randint(wanted)
    count = 0
    for other in range(first, first + span):
        if gap <= other < gap + kept:
            continue
        count += _mark(plan, leaves, (plan.stops[route, other] - 1) % network.requests)
    return count
