"""The routing expert: each part against a slow reference, the whole against enumeration and published values."""

import os
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
pytest.importorskip("highspy", reason="the expert needs heurigym[experts]")

from routing_random import optimum, random_problem

from heurigym.experts.routing.annealing import Annealer
from heurigym.experts.routing.construction import cheapest_insertion, nearest_stops
from heurigym.experts.routing.insertion import NOWHERE, cheapest
from heurigym.experts.routing.network import PickupDelivery, rounded_lengths
from heurigym.experts.routing.partitioning import recombine, serves_all
from heurigym.experts.routing.plan import empty_plan, routes_of, set_routes
from heurigym.experts.routing.pool import clear, pooled_routes
from heurigym.experts.routing.search import search

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = Path(os.environ.get("HEURIGYM_DATA") or ROOT.parent / "shared" / "data") / "pickup_delivery_time_windows"
PUBLISHED = {
    "lc101": (10, 828.94),
    "lc201": (3, 591.56),
    "lr101": (19, 1650.80),
    "lr201": (4, 1253.23),
    "lrc101": (14, 1708.80),
    "lrc201": (4, 1406.94),
}
"""Vehicles and least known distances of Li and Lim's instances, with lengths that are not rounded."""


def test_lengths_are_rounded_exactly() -> None:
    source = np.random.default_rng(1)
    points = np.concatenate((source.integers(-50, 50, (20, 2)), source.integers(-(10**6), 10**6, (20, 2))))
    lengths = rounded_lengths(points)
    for (x, y), row in zip(points.tolist(), lengths.tolist(), strict=True):
        for (other_x, other_y), length in zip(points.tolist(), row, strict=True):
            root = Decimal((x - other_x) ** 2 + (y - other_y) ** 2).sqrt()
            assert Decimal(length) / 100 == root.quantize(Decimal("0.01"))


def slowly_inserted(problem: PickupDelivery, stops: list[int], request: int) -> int:
    pickup, delivery = 1 + request, 1 + problem.requests + request
    costs = [NOWHERE]
    for first in range(len(stops) + 1):
        for second in range(first, len(stops) + 1):
            longer = [*stops[:first], pickup, *stops[first:second], delivery, *stops[second:]]
            if problem.is_feasible(longer):
                costs.append(problem.distance([longer]) - (problem.distance([stops]) if stops else 0))
    return min(costs)


@pytest.mark.parametrize("seed", range(6))
def test_insertions_are_the_cheapest_feasible_ones(seed: int) -> None:
    problem = random_problem(seed, 8, 3, slack=40 if seed % 2 else 100)
    plan = empty_plan(problem.network, 8)
    for routes in (cheapest_insertion(problem), nearest_stops(problem)):
        set_routes(problem.network, plan, routes)
        for stops_of, route in zip(routes, range(8), strict=False):
            for request in range(8):
                if 1 + request not in stops_of:
                    cost = cheapest(problem.network, plan, request, route, 0.0)[0]
                    slow = slowly_inserted(problem, stops_of, request)
                    # Rounded lengths break the triangle inequality by a hundredth or two.
                    assert slow <= cost <= slow + 3 or (cost == slow == NOWHERE), (routes, route, request)


@pytest.mark.parametrize("seed", range(5))
def test_one_pass_routes_obey_all_rules_but_the_fleet(seed: int) -> None:
    problem = random_problem(seed, 9, 9)
    for routes in (cheapest_insertion(problem), nearest_stops(problem)):
        assert serves_all(problem, routes)


@pytest.mark.parametrize("seed", range(8))
def test_small_instances_are_solved_to_the_optimum(seed: int) -> None:
    problem = random_problem(seed, 3, 2)
    least = optimum(problem)
    annealer = Annealer(problem, 0)
    annealer.run(300, annealer.mean_arc, 1.0)
    if least is None:
        assert annealer.absent
    else:
        assert serves_all(problem, annealer.routes)
        assert annealer.cost == problem.distance(annealer.routes) == least


def test_a_fleet_that_is_too_small_is_said_so() -> None:
    problem = random_problem(1, 12, 1)
    with pytest.raises(ValueError, match="found no routes that serve each request"):
        search(problem, 0.1, 0)


def test_a_seed_and_a_number_of_steps_give_the_same_routes() -> None:
    problem = random_problem(2, 15, 8)
    found = []
    for seed in (5, 5, 6):
        annealer = Annealer(problem, seed)
        annealer.run(400, annealer.mean_arc, 10.0)
        found.append(annealer.routes)
    assert found[0] == found[1]
    assert all(problem.is_feasible(stops) for stops in found[2])


def test_steps_keep_the_plan_consistent() -> None:
    problem = random_problem(3, 15, 5)
    annealer = Annealer(problem, 1)
    for _ in range(20):
        annealer.run(20, annealer.mean_arc, 10.0)
        for plan in (annealer.search.plan, annealer.search.best):
            routes = routes_of(plan)
            assert all(problem.is_feasible(stops) for stops in routes)
            assert problem.distance(routes) == plan.cost.sum()
            served = {stop - 1 for stops in routes for stop in stops if stop <= 15}
            assert served == set(np.flatnonzero(plan.vehicle >= 0).tolist())
            for route, stops in enumerate(plan.stops):
                for stop in stops[1 : plan.size[route] - 1]:
                    assert plan.vehicle[(stop - 1) % 15] == route


def test_set_partitioning_finds_the_best_choice_of_routes() -> None:
    problem = random_problem(4, 3, 3)
    pairs = [[1 + request, 4 + request] for request in range(3)]
    routes = [*pairs, *cheapest_insertion(problem), *nearest_stops(problem)]
    costs = np.array([problem.distance([stops]) for stops in routes])
    chosen = recombine(problem, costs, routes, 5.0, 0)
    assert serves_all(problem, chosen)
    assert problem.distance(chosen) == min(
        problem.distance(choice) for choice in (pairs, cheapest_insertion(problem), nearest_stops(problem), chosen)
    )
    assert recombine(problem, costs[:2], routes[:2], 5.0, 0) == []


def test_the_pool_keeps_the_shortest_order_of_each_set() -> None:
    problem = random_problem(5, 12, 6)
    annealer = Annealer(problem, 0)
    annealer.run(2000, annealer.mean_arc, 10.0)
    annealer.pool_best()
    costs, routes = pooled_routes(annealer.search.pool)
    assert len({frozenset(stops) for stops in routes}) == len(routes) >= len(annealer.routes)
    assert [problem.distance([stops]) for stops in routes] == costs.tolist()
    assert all(problem.is_feasible(stops) for stops in routes)
    clear(annealer.search.pool)
    assert pooled_routes(annealer.search.pool)[1] == []


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_distances_come_out_again(name: str) -> None:
    file = PUBLIC / f"{name}.pdptw"
    if not file.is_file():
        pytest.skip(f"no public instances in {PUBLIC.parent}: set HEURIGYM_DATA to the folder that has them")
    vehicles, distance = PUBLISHED[name]
    problem = PickupDelivery.read(file)
    found = search(problem, 1.5, 0)
    assert problem.vehicles == vehicles >= len(found.routes)
    assert serves_all(problem, found.routes)
    assert 0.9995 * distance <= found.cost / 100 <= 1.005 * distance
