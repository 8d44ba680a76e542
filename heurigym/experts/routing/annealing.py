"""Large neighbourhood search with simulated annealing, compiled: take requests out, put them back, keep or undo.

The number of vehicles is fixed. Requests that fit nowhere are absent; a step that leaves fewer of them, weighted by
how often each could not be served so far, is always taken, after the fleet minimisation of J. Christiaens and
G. Vanden Berghe (2020). Once nothing is absent, steps are judged by length alone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.routing.insertion import (
    Memory,
    empty_memory,
    insert_by_regret,
    insert_greedily,
    touch,
)
from heurigym.experts.routing.network import Ints, Network, PickupDelivery, Routes
from heurigym.experts.routing.plan import (
    ABSENT,
    Plan,
    copy_route,
    empty_plan,
    keep_only,
    restore_route,
    routes_of,
    set_routes,
)
from heurigym.experts.routing.pool import Pool, add_route, empty_pool
from heurigym.experts.routing.removal import choose

_BLINKS = 0.03
_REGRET = 0.1
"""Probability that a step inserts by regret."""
_NOISE = 0.1
_POOLED = 1.03
"""Routes of plans of at most this many times the best length are kept for set partitioning."""


class Search(NamedTuple):
    """Everything that a search carries from step to step.

    Attributes:
        plan: the current routes.
        best: the best ones; fewest absent, then shortest.
        kept: copies of the routes that a step changes.
        memory: of the cheapest insertions into current routes.
        pool: routes for set partitioning.
        changed: whether a step has changed a route; shape (vehicles,).
        leaves: whether a request leaves in a step; shape (requests,).
        misses: one more than how often a request could not be served; shape (requests,).
    """

    plan: Plan
    best: Plan
    kept: Plan
    memory: Memory
    pool: Pool
    changed: Ints
    leaves: Ints
    misses: Ints


@compiled
def _sort_keys(network: Network, requests: Ints) -> Ints:
    """The requests in one of seven orders, drawn with the weights of slack induction by string removals."""
    draw = np.random.random() * 17.0
    keys = np.empty(len(requests), np.float64)
    for place, request in enumerate(requests):
        pickup, delivery = 1 + request, 1 + network.requests + request
        far = network.length[0, pickup] + network.length[0, delivery]
        if draw < 4.0:
            keys[place] = np.random.random()
        elif draw < 8.0:
            keys[place] = -network.demand[pickup]
        elif draw < 10.0:
            keys[place] = -far
        elif draw < 11.0:
            keys[place] = far
        elif draw < 13.0:
            keys[place] = (
                network.latest[pickup]
                - network.earliest[pickup]
                + network.latest[delivery]
                - network.earliest[delivery]
            )
        elif draw < 15.0:
            keys[place] = network.earliest[pickup]
        else:
            keys[place] = -network.latest[delivery]
    return requests[np.argsort(keys)]


@compiled
def _run(network: Network, search: Search, steps: int, hot: float, cold: float, mean: float, seed: int) -> None:
    """``steps`` steps with temperatures from ``hot`` to ``cold``, geometrically."""
    np.random.seed(seed)
    plan, best, kept, changed, leaves = search.plan, search.best, search.kept, search.changed, search.leaves
    requests = network.requests
    ratio = (cold / hot) ** (1.0 / max(1, steps))
    temperature = hot
    cost, best_cost = plan.cost.sum(), best.cost.sum()
    absent, best_absent = 0, 0
    for request in range(requests):
        absent += plan.vehicle[request] == ABSENT
        best_absent += best.vehicle[request] == ABSENT
    waiting = np.empty(requests, np.int64)
    for _ in range(steps):
        temperature *= ratio
        changed[:] = 0
        leaves[:] = 0
        if choose(network, plan, mean, leaves) == 0 and absent == 0:
            continue
        count, weight = 0, 0
        for request in range(requests):
            route = plan.vehicle[request]
            if route == ABSENT:
                weight += search.misses[request]
            elif leaves[request] != 0:
                touch(plan, kept, changed, route)
            else:
                continue
            waiting[count] = request
            count += 1
        for route in range(len(changed)):
            if changed[route] != 0:
                keep_only(network, plan, route, leaves)
        ordered = _sort_keys(network, waiting[:count])
        if np.random.random() < _REGRET:
            noise = _NOISE * np.random.random()
            failed = insert_by_regret(network, plan, search.memory, ordered, kept, changed, noise, absent == 0)
        else:
            failed = insert_greedily(network, plan, search.memory, ordered, kept, changed, _BLINKS, absent == 0)
        new_cost = plan.cost.sum()
        shorter = new_cost < cost - temperature * math.log(1.0 - np.random.random())
        if absent == 0:
            accepted = failed == 0 and shorter
        else:
            new_weight = 0
            for request in waiting[:count]:
                if plan.vehicle[request] == ABSENT:
                    new_weight += search.misses[request]
                    search.misses[request] += 1
            accepted = new_weight < weight or (failed <= absent and shorter)
        if not accepted:
            for route in range(len(changed)):
                if changed[route] != 0:
                    for stop in plan.stops[route, 1 : plan.size[route] - 1]:
                        if stop <= requests:
                            plan.vehicle[stop - 1] = ABSENT
            for route in range(len(changed)):
                if changed[route] != 0:
                    restore_route(network, plan, kept, route)
            continue
        cost, absent = new_cost, failed
        if absent == 0 and (best_absent > 0 or cost <= _POOLED * best_cost):
            for route in range(len(changed)):
                if changed[route] != 0 and plan.size[route] > 2:
                    add_route(search.pool, plan.stops[route], plan.size[route], plan.cost[route], requests)
        if absent < best_absent or (absent == best_absent and cost < best_cost):
            best_cost, best_absent = cost, absent
            best.vehicle[:] = plan.vehicle
            for route in range(len(changed)):
                copy_route(plan, best, route)


class Annealer:
    """A search on one instance that can be continued.

    Attributes:
        problem: the instance.
        search: its state.
    """

    def __init__(self, problem: PickupDelivery, seed: int) -> None:
        """Start with greedy insertion of all requests, in an order that ``seed`` decides."""
        network, vehicles = problem.network, problem.vehicles
        self.problem = problem
        self.search = Search(
            empty_plan(network, vehicles),
            empty_plan(network, vehicles),
            empty_plan(network, vehicles),
            empty_memory(problem.requests, vehicles),
            empty_pool(problem.requests),
            np.zeros(vehicles, np.int64),
            np.zeros(problem.requests, np.int64),
            np.ones(problem.requests, np.int64),
        )
        self._seeds = np.random.default_rng(seed)
        self.run(1, 1.0, 1.0)

    @property
    def routes(self) -> Routes:
        """The best routes so far."""
        return routes_of(self.search.best)

    @property
    def absent(self) -> int:
        """Number of requests that the best routes do not serve."""
        return int((self.search.best.vehicle == ABSENT).sum())

    @property
    def cost(self) -> int:
        """Length of the best routes in hundredths."""
        return int(self.search.best.cost.sum())

    @property
    def mean_arc(self) -> float:
        """Mean length of the arcs of the best routes in hundredths."""
        best = self.search.best
        return float(self.cost) / max(1, int((best.size - 1)[best.size > 2].sum()))

    def run(self, steps: int, hot: float, cold: float, mean: float = 10.0) -> None:
        """Continue for ``steps`` steps with temperatures from ``hot`` to ``cold`` in hundredths of length."""
        seed = int(self._seeds.integers(1 << 31))
        _run(self.problem.network, self.search, steps, hot, cold, mean, seed)

    def pool_best(self) -> None:
        """Put all best routes into the pool, so that a choice among pooled routes is at least as good."""
        best = self.search.best
        for stops, size, cost in zip(best.stops, best.size, best.cost, strict=True):
            if size > 2:
                add_route(self.search.pool, stops, size, cost, self.problem.requests)

    def restart(self, routes: Routes | None = None) -> None:
        """Continue from the best routes, or from these, which become the best if they are."""
        search, network = self.search, self.problem.network
        routes = self.routes if routes is None else routes
        set_routes(network, search.plan, routes)
        if self.problem.distance(routes) < self.cost and not (search.plan.vehicle == ABSENT).any():
            set_routes(network, search.best, routes)
