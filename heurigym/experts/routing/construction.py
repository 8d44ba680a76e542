"""Routes in one pass, as far as a simple program comes: nearest stops, and cheapest insertion."""

from __future__ import annotations

from heurigym.experts.compiled import compiled
from heurigym.experts.routing.insertion import NOWHERE, cheapest
from heurigym.experts.routing.network import Network, PickupDelivery, Routes
from heurigym.experts.routing.plan import Plan, empty_plan, insert, routes_of


def cheapest_insertion(problem: PickupDelivery) -> Routes:
    """Insert the requests in the order of the file, each where it costs least; a new route if none has room.

    The number of vehicles is not limited.
    """
    plan = empty_plan(problem.network, problem.requests)
    _insert_all(problem.network, plan)
    return routes_of(plan)


@compiled
def _insert_all(network: Network, plan: Plan) -> None:
    used = 0
    for request in range(network.requests):
        best, best_route, best_pickup, best_delivery = NOWHERE, used, 0, 0
        for route in range(used):
            cost, pickup, delivery = cheapest(network, plan, request, route, 0.0)
            if cost < best:
                best, best_route, best_pickup, best_delivery = cost, route, pickup, delivery
        if best_route == used:
            used += 1
        insert(network, plan, request, best_route, best_pickup, best_delivery)


def nearest_stops(problem: PickupDelivery) -> Routes:
    """Each vehicle drives to the nearest stop from which it can still deliver all that is on board.

    Whether it can is tried with the deliveries in the order in which their windows close. The number of vehicles is
    not limited.

    Raises:
        ValueError: a request cannot be served alone.
    """
    requests, network = problem.requests, problem.network
    waiting = set(range(1, requests + 1))
    routes = []
    while waiting:
        stops: list[int] = []
        onboard: list[int] = []
        while True:
            lengths = network.length[stops[-1] if stops else 0]
            for stop in sorted(waiting | set(onboard), key=lambda stop: (lengths[stop], stop)):
                left = [other for other in onboard if other != stop] + [stop + requests] * (stop <= requests)
                left.sort(key=lambda other: (network.latest[other], other))
                if problem.is_feasible([*stops, stop, *left]):
                    break
            else:
                break
            stops.append(stop)
            waiting.discard(stop)
            onboard = left
        if not stops:
            raise ValueError(f"{problem.name}: requests that cannot be served alone: {sorted(waiting)[:5]}")
        routes.append(stops)
    return routes
