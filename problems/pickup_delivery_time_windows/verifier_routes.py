"""Routes: reading them, and each rule that they must obey. Everything is linear in the solution."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from verifier_tasks import HUNDREDTHS, Tasks, customers, length

from heurigym.problems import (
    Infeasible,
    Malformed,
    as_integer,
    listed,
    listed_sentences,
    read_solution_text,
    shorten,
)

Routes = Sequence[Sequence[int]]
"""The customers of each route that has some, in order, without the depot at both ends."""


def read_routes(path: Path, tasks: Tasks) -> Routes:
    """The routes in a solution file; the first line is a name, and blank lines and empty routes are left out.

    Raises:
        Malformed: a line is no route of nodes of the instance that begins and ends at the depot and only there.
    """
    _, *lines = read_solution_text(path).split("\n")
    routes = []
    for number, line in enumerate(lines, start=2):
        words = line.strip(" \t\r").replace("\t", " ").split(" ")
        stops = [as_integer(word, f"a node in line {number}") for word in words if word]
        if not stops:
            continue
        if len(stops) < 2 or stops[0] != tasks.depot or stops[-1] != tasks.depot:
            shown = shorten(line.strip(), 60)
            raise Malformed(
                f"the route in line {number} does not begin and end at the depot {tasks.depot}: {shown}"
            )
        customers_of = stops[1:-1]
        unknown = [stop for stop in customers_of if stop not in tasks.nodes]
        if unknown:
            raise Malformed(f"line {number} names nodes that the instance does not have: {listed(unknown)}")
        if tasks.depot in customers_of:
            raise Malformed(f"line {number} visits the depot on the way; write one line for each route")
        if customers_of:
            routes.append(customers_of)
    return routes


def check_once(tasks: Tasks, routes: Routes) -> None:
    """Raise :class:`Infeasible` unless each customer is visited exactly once."""
    visits = Counter(stop for stops in routes for stop in stops)
    missing = [node for node in customers(tasks) if node not in visits]
    if missing:
        raise Infeasible(
            f"{len(missing)} of {len(tasks.nodes) - 1} customers are not visited: {listed(missing)} "
            "(the first line of a solution is a name and no route)"
        )
    repeated = [f"{node} {count} times" for node, count in visits.items() if count > 1]
    if repeated:
        raise Infeasible(f"{len(repeated)} customers are visited more than once: {listed(repeated)}")


def check_vehicles(tasks: Tasks, routes: Routes) -> None:
    """Raise :class:`Infeasible` if there are more routes than vehicles."""
    if len(routes) > tasks.vehicles:
        raise Infeasible(f"{len(routes)} routes are more than the {tasks.vehicles} vehicles")


def check_pairs(tasks: Tasks, routes: Routes) -> None:
    """Raise :class:`Infeasible` unless each delivery comes after its pickup in the same route."""
    route_of = {stop: number for number, stops in enumerate(routes) for stop in stops}
    apart = [
        f"{node} and {task.delivery}"
        for node, task in tasks.nodes.items()
        if task.delivery and route_of[node] != route_of[task.delivery]
    ]
    if apart:
        raise Infeasible(f"{len(apart)} requests have pickup and delivery in different routes: {listed(apart)}")
    place = {stop: place for stops in routes for place, stop in enumerate(stops)}
    early = [
        f"{task.delivery} before {node}"
        for node, task in tasks.nodes.items()
        if task.delivery and place[task.delivery] < place[node]
    ]
    if early:
        raise Infeasible(f"{len(early)} deliveries come before their pickup: {listed(early)}")


def check_capacity(tasks: Tasks, routes: Routes) -> None:
    """Raise :class:`Infeasible` if a vehicle carries more than its capacity; loads are sums of what is on board."""
    offenders = []
    for stops in routes:
        load = 0
        for stop in stops:
            load += tasks.nodes[stop].demand
            if load > tasks.capacity:
                offenders.append(f"{load} after node {stop}")
    if offenders:
        raise Infeasible(
            f"the capacity {tasks.capacity} is exceeded at {len(offenders)} stops: {listed(offenders)}"
        )


def check_windows(tasks: Tasks, routes: Routes) -> None:
    """Raise :class:`Infeasible` if a vehicle arrives too late somewhere, the depot at the end included."""
    depot = tasks.nodes[tasks.depot]
    offenders = []
    for stops in routes:
        clock, before = depot.earliest, depot
        for stop in (*stops, tasks.depot):
            task = tasks.nodes[stop]
            clock = max(clock + before.service + length(before, task), task.earliest)
            if clock > task.latest:
                what = "returns to the depot" if stop == tasks.depot else f"reaches node {stop}"
                offenders.append(f"the route {_shown(stops)} {what} at {_time(clock)}, after {_time(task.latest)}")
                break
            before = task
    if offenders:
        raise Infeasible(f"{len(offenders)} of {len(routes)} routes are late: {listed_sentences(offenders)}")


def total_distance(tasks: Tasks, routes: Routes) -> int:
    """The length of all routes, in hundredths."""
    return sum(
        length(tasks.nodes[tail], tasks.nodes[head])
        for stops in routes
        for tail, head in pairwise((tasks.depot, *stops, tasks.depot))
    )


def _shown(stops: Sequence[int]) -> str:
    return " ".join(map(str, stops[:3])) + (" ..." if len(stops) > 3 else "")


def _time(hundredths: int) -> str:
    whole, rest = divmod(hundredths, HUNDREDTHS)
    return f"{whole}.{rest:02d}"
