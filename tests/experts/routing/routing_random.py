"""Random small instances of pickups and deliveries, and their optimum by enumeration."""

import itertools
import random

from heurigym.experts.routing.network import PickupDelivery


def random_problem(seed: int, requests: int, vehicles: int, slack: int = 60) -> PickupDelivery:
    """An instance whose requests can each be served alone: windows hold a time at which that is possible."""
    source = random.Random(seed)
    nodes = 2 * requests + 1
    places = [(node, source.randint(0, 20), source.randint(0, 20)) for node in range(1, nodes + 1)]
    rows = [(1, 0, 0, 200, 0)]
    for request in range(requests):
        load, begin = source.randint(1, 4), source.randint(30, 60)
        for node, demand, time in ((2 * request + 2, load, begin), (2 * request + 3, -load, begin + 35)):
            rows.append((node, demand, time - source.randint(0, slack), time + source.randint(0, slack), 2))
    pairs = [(2 * request + 2, 2 * request + 3) for request in range(requests)]
    rows = [(node, demand, max(0, early), late, service) for node, demand, early, late, service in rows]
    return PickupDelivery.of(f"random {seed}", vehicles, 6, places, rows, pairs)


def shortest_route(problem: PickupDelivery, requests: tuple[int, ...]) -> int | None:
    """Length of the shortest feasible route of these requests."""
    stops = [stop for request in requests for stop in (1 + request, 1 + problem.requests + request)]
    lengths = [
        problem.distance([list(order)]) for order in itertools.permutations(stops) if problem.is_feasible(order)
    ]
    return min(lengths, default=None)


def optimum(problem: PickupDelivery) -> int | None:
    """Length of the best routes for all requests, for very small instances."""
    everything = tuple(range(problem.requests))
    lengths = {
        subset: shortest_route(problem, subset)
        for size in range(1, problem.requests + 1)
        for subset in itertools.combinations(everything, size)
    }

    def best(left: tuple[int, ...], vehicles: int) -> int | None:
        if not left:
            return 0
        if not vehicles:
            return None
        found = []
        for subset, length in lengths.items():
            if length is not None and left[0] in subset and set(subset) <= set(left):
                rest = best(tuple(request for request in left if request not in subset), vehicles - 1)
                if rest is not None:
                    found.append(length + rest)
        return min(found, default=None)

    return best(everything, problem.vehicles)
