"""Routes as arrays with earliest and latest times, so that an insertion is checked in constant time.

The latest start at a stop from which the rest of a route stays feasible stands for the forward slack of
M. W. P. Savelsbergh (The vehicle routing problem with time windows: minimizing route duration, ORSA Journal on
Computing 4, 1992).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.routing.network import Ints, Network, Nodes, Routes

ABSENT = -1
"""Vehicle of a request that no route serves."""


class Plan(NamedTuple):
    """One route for each vehicle, empty ones included. All times are in hundredths.

    Attributes:
        stops: the nodes of each route, the depot first and last; shape (vehicles, nodes + 1).
        size: number of stops of each route, both depots included; shape (vehicles,).
        start: earliest start of service at each stop; shape (vehicles, nodes + 1).
        limit: latest start of service from which the rest of the route is feasible; same shape.
        load: load after each stop; same shape.
        cost: length of each route; shape (vehicles,).
        version: changes whenever a route does; the last entry counts; shape (vehicles + 1,).
        vehicle: the route of each request or ``ABSENT``; shape (requests,).
    """

    stops: Nodes
    size: Ints
    start: Ints
    limit: Ints
    load: Ints
    cost: Ints
    version: Ints
    vehicle: Ints


def empty_plan(network: Network, vehicles: int) -> Plan:
    """Routes without stops; no request is served."""
    width = len(network.earliest) + 1
    plan = Plan(
        np.zeros((vehicles, width), np.int32),
        np.full(vehicles, 2),
        np.zeros((vehicles, width), np.int64),
        np.zeros((vehicles, width), np.int64),
        np.zeros((vehicles, width), np.int64),
        np.zeros(vehicles, np.int64),
        np.zeros(vehicles + 1, np.int64),
        np.full(network.requests, ABSENT),
    )
    for route in range(vehicles):
        refresh(network, plan, route)
    return plan


def set_routes(network: Network, plan: Plan, routes: Routes) -> None:
    """Make these the routes of the plan; the requests on none of them are absent."""
    plan.vehicle[:] = ABSENT
    for route in range(len(plan.size)):
        stops = routes[route] if route < len(routes) else []
        plan.stops[route, : len(stops) + 2] = (0, *stops, 0)
        plan.size[route] = len(stops) + 2
        refresh(network, plan, route)
        for stop in stops:
            if stop <= network.requests:
                plan.vehicle[stop - 1] = route


def routes_of(plan: Plan) -> Routes:
    """The routes with stops."""
    rows = zip(plan.stops, plan.size, strict=True)
    return [[int(stop) for stop in stops[1 : size - 1]] for stops, size in rows if size > 2]


@compiled
def refresh(network: Network, plan: Plan, route: int) -> None:
    """Compute everything that follows from the stops of a route, and count a new version."""
    stops, start, limit, load = plan.stops[route], plan.start[route], plan.limit[route], plan.load[route]
    last = plan.size[route] - 1
    start[0], load[0], cost = network.earliest[0], 0, 0
    for place in range(1, last + 1):
        before, node = stops[place - 1], stops[place]
        arc = network.length[before, node]
        cost += arc
        start[place] = max(start[place - 1] + network.service[before] + arc, network.earliest[node])
        load[place] = load[place - 1] + network.demand[node]
    limit[last] = network.latest[0]
    for place in range(last - 1, -1, -1):
        node, after = stops[place], stops[place + 1]
        slack = limit[place + 1] - network.length[node, after] - network.service[node]
        limit[place] = min(network.latest[node], slack)
    plan.cost[route] = cost
    plan.version[-1] += 1
    plan.version[route] = plan.version[-1]


@compiled
def insert(network: Network, plan: Plan, request: int, route: int, after_pickup: int, after_delivery: int) -> None:
    """Put a request into a route: pickup and delivery behind places, which are numbered as before the insertion."""
    stops, size = plan.stops[route], plan.size[route]
    pickup, delivery = 1 + request, 1 + network.requests + request
    for place in range(size - 1, after_delivery, -1):
        stops[place + 2] = stops[place]
    stops[after_delivery + 2] = delivery
    for place in range(after_delivery, after_pickup, -1):
        stops[place + 1] = stops[place]
    stops[after_pickup + 1] = pickup
    plan.size[route] = size + 2
    plan.vehicle[request] = route
    refresh(network, plan, route)


@compiled
def keep_only(network: Network, plan: Plan, route: int, leaves: Ints) -> None:
    """Take the requests with a nonzero entry in ``leaves`` from a route; they become absent."""
    stops, kept = plan.stops[route], 0
    for place in range(plan.size[route]):
        node = stops[place]
        if node == 0 or leaves[(node - 1) % network.requests] == 0:
            stops[kept] = node
            kept += 1
        elif node <= network.requests:
            plan.vehicle[node - 1] = ABSENT
    plan.size[route] = kept
    refresh(network, plan, route)


@compiled
def copy_route(source: Plan, target: Plan, route: int) -> None:
    """Copy one route with all that follows from it, its version included; whose requests are on it stays apart."""
    size = source.size[route]
    target.stops[route, :size] = source.stops[route, :size]
    target.start[route, :size] = source.start[route, :size]
    target.limit[route, :size] = source.limit[route, :size]
    target.load[route, :size] = source.load[route, :size]
    target.size[route] = size
    target.cost[route] = source.cost[route]
    target.version[route] = source.version[route]


@compiled
def restore_route(network: Network, plan: Plan, kept: Plan, route: int) -> None:
    """Bring back the stops of a route after those of all changed routes were made absent."""
    copy_route(kept, plan, route)
    for place in range(1, plan.size[route] - 1):
        node = plan.stops[route, place]
        if node <= network.requests:
            plan.vehicle[node - 1] = route
