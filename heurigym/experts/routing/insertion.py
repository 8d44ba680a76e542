"""The cheapest feasible place of a request in a route, remembered as long as the route stays the same.

Insertion heuristics as the repairing half of a large neighbourhood search: greedy insertion with blinks after
J. Christiaens and G. Vanden Berghe (Slack induction by string removals for vehicle routing problems, Transportation
Science 54, 2020), regret insertion after S. Ropke and D. Pisinger (An adaptive large neighborhood search heuristic
for the pickup and delivery problem with time windows, Transportation Science 40, 2006).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.routing.network import Ints, Network
from heurigym.experts.routing.plan import Plan, copy_route, insert

NOWHERE = 1 << 60
"""Cost of an insertion that is impossible."""


class Memory(NamedTuple):
    """The cheapest insertion of each request into each route, valid while the versions agree.

    Attributes:
        version: version of the route for which it holds; shape (requests, vehicles).
        cost: added length, or ``NOWHERE``.
        pickup: the pickup goes behind this place.
        delivery: the delivery goes behind this place, in the numbering before the insertion.
    """

    version: Ints
    cost: Ints
    pickup: Ints
    delivery: Ints


def empty_memory(requests: int, vehicles: int) -> Memory:
    """Nothing remembered."""
    shape = (requests, vehicles)
    return Memory(
        np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    )


@compiled
def cheapest(network: Network, plan: Plan, request: int, route: int, blinks: float) -> tuple[int, int, int]:
    """Cost and places of the cheapest feasible insertion; a place is overlooked with the probability ``blinks``.

    Lengths obey the triangle inequality up to rounding, so what costs more already with the pickup alone is left,
    and after the first place that is reached too late all later ones are.
    """
    length, earliest, latest, service = network.length, network.earliest, network.latest, network.service
    stops, start, limit, load = plan.stops[route], plan.start[route], plan.limit[route], plan.load[route]
    pickup, delivery = 1 + request, 1 + network.requests + request
    room = network.capacity - network.demand[pickup]
    best, best_pickup, best_delivery = NOWHERE, -1, -1
    size = plan.size[route]
    for place in range(size - 1):
        before, after = stops[place], stops[place + 1]
        at_pickup = max(start[place] + service[before] + length[before, pickup], earliest[pickup])
        if at_pickup > latest[pickup]:
            break
        if load[place] > room or (blinks > 0.0 and np.random.random() < blinks):
            continue
        detour = length[before, pickup] - length[before, after]
        leave = at_pickup + service[pickup]
        at_delivery = max(leave + length[pickup, delivery], earliest[delivery])
        cost = detour + length[pickup, delivery] + length[delivery, after]
        if (
            cost < best
            and at_delivery <= latest[delivery]
            and at_delivery + service[delivery] + length[delivery, after] <= limit[place + 1]
        ):
            best, best_pickup, best_delivery = cost, place, place
        detour += length[pickup, after]
        if detour >= best:
            continue
        clock = max(leave + length[pickup, after], earliest[after])
        for other in range(place + 1, size - 1):
            if clock > limit[other] or load[other] > room:
                break
            node, behind = stops[other], stops[other + 1]
            leave = clock + service[node]
            at_delivery = max(leave + length[node, delivery], earliest[delivery])
            if at_delivery > latest[delivery]:
                break
            cost = detour + length[node, delivery] + length[delivery, behind] - length[node, behind]
            if cost < best and at_delivery + service[delivery] + length[delivery, behind] <= limit[other + 1]:
                best, best_pickup, best_delivery = cost, place, other
            clock = max(leave + length[node, behind], earliest[behind])
    return best, best_pickup, best_delivery


@compiled
def remembered(network: Network, plan: Plan, memory: Memory, request: int, route: int) -> int:
    """Cost of the cheapest insertion, computed anew only if the route has changed; its places are in the memory."""
    if memory.version[request, route] != plan.version[route]:
        cost, pickup, delivery = cheapest(network, plan, request, route, 0.0)
        memory.cost[request, route] = cost
        memory.pickup[request, route] = pickup
        memory.delivery[request, route] = delivery
        memory.version[request, route] = plan.version[route]
    added: int = memory.cost[request, route]
    return added


@compiled
def insert_greedily(
    network: Network,
    plan: Plan,
    memory: Memory,
    requests: Ints,
    kept: Plan,
    changed: Ints,
    blinks: float,
    give_up: bool,
) -> int:
    """Insert requests in their order where each costs least; the number of those that fit nowhere.

    With probability ``blinks`` a route is searched anew and half of its places are overlooked.

    Args:
        network: the instance.
        plan: the plan.
        memory: of the plan.
        requests: absent requests.
        kept: where routes are copied to before their first change.
        changed: whether a route was changed; shape (vehicles,).
        blinks: probability, see above.
        give_up: end at the first request that fits nowhere.
    """
    vehicles = len(plan.size)
    failed = 0
    for request in requests:
        best, best_route, best_pickup, best_delivery = NOWHERE, -1, -1, -1
        is_empty_seen = False
        for route in range(vehicles):
            if plan.size[route] == 2:
                if is_empty_seen:
                    continue
                is_empty_seen = True
            if np.random.random() < blinks:
                cost, pickup, delivery = cheapest(network, plan, request, route, 0.5)
            else:
                cost = remembered(network, plan, memory, request, route)
                pickup, delivery = memory.pickup[request, route], memory.delivery[request, route]
            if cost < best:
                best, best_route, best_pickup, best_delivery = cost, route, pickup, delivery
        if best_route < 0:
            failed += 1
            if give_up:
                break
            continue
        touch(plan, kept, changed, best_route)
        insert(network, plan, request, best_route, best_pickup, best_delivery)
    return failed


@compiled
def insert_by_regret(
    network: Network,
    plan: Plan,
    memory: Memory,
    requests: Ints,
    kept: Plan,
    changed: Ints,
    noise: float,
    give_up: bool,
) -> int:
    """Insert requests, the one first that loses most with its second-best route; the number that fit nowhere.

    ``noise`` scales a random factor on costs; the other arguments are those of :func:`insert_greedily`.
    """
    vehicles = len(plan.size)
    left = requests.copy()
    count, failed = len(left), 0
    while count > 0:
        chosen, chosen_route, most = -1, -1, -1.0
        place = 0
        while place < count:
            request = left[place]
            first, second, first_route = float(NOWHERE), float(NOWHERE), -1
            is_empty_seen = False
            for route in range(vehicles):
                if plan.size[route] == 2:
                    if is_empty_seen:
                        continue
                    is_empty_seen = True
                cost = float(remembered(network, plan, memory, request, route))
                if cost >= NOWHERE:
                    continue
                if noise > 0.0:
                    cost *= 1.0 + noise * np.random.random()
                if cost < first:
                    first, second, first_route = cost, first, route
                elif cost < second:
                    second = cost
            if first_route < 0:
                failed += 1
                if give_up:
                    return failed
                count -= 1
                left[place] = left[count]
                continue
            if second - first > most:
                chosen, chosen_route, most = place, first_route, second - first
            place += 1
        if chosen < 0:
            break
        request = left[chosen]
        touch(plan, kept, changed, chosen_route)
        insert(
            network,
            plan,
            request,
            chosen_route,
            memory.pickup[request, chosen_route],
            memory.delivery[request, chosen_route],
        )
        count -= 1
        left[chosen] = left[count]
    return failed


@compiled
def touch(plan: Plan, kept: Plan, changed: Ints, route: int) -> None:
    """Copy a route away before its first change."""
    if changed[route] == 0:
        changed[route] = 1
        copy_route(plan, kept, route)
