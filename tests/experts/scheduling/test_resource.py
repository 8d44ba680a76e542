"""Resource-minimal scheduling: every method against exhaustive search, and the parts of the portfolio."""

import itertools
import json
import random

import numpy as np
import pytest

pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
pytest.importorskip("ortools", reason="the expert needs heurigym[experts]")

from heurigym.experts.scheduling.resource.bounds import energetic_units, work_units
from heurigym.experts.scheduling.resource.cpsat import solve_exactly
from heurigym.experts.scheduling.resource.force import force_directed
from heurigym.experts.scheduling.resource.gauss import gauss_schedule
from heurigym.experts.scheduling.resource.lists import list_schedule, searched_caps
from heurigym.experts.scheduling.resource.methods import METHODS
from heurigym.experts.scheduling.resource.moves import MoveState
from heurigym.experts.scheduling.resource.portfolio import schedule
from heurigym.experts.scheduling.resource.problem import ResourceProblem, read_problem
from heurigym.experts.scheduling.resource.search import MoveBudget, local_search, within


def content_of(nodes, edges, deadline=None, **hardware):
    kinds = sorted({kind for _, kind in nodes})
    figures = {
        key: {kind: hardware.get(key, {}).get(kind, 1) for kind in kinds}
        for key in ("delay", "occupancy", "weight")
    }
    content = {"name": "", **figures, "deadline": 10**6, "nodes": nodes, "edges": [[*edge, "0"] for edge in edges]}
    if deadline is None:
        deadline = ResourceProblem.from_json(content).graph.critical_path
    return content | {"deadline": deadline}


def random_content(seed, count=7, slack=0):
    source = random.Random(seed)
    kinds = ["mul", "add", "div"][: source.randint(1, 3)]
    delay = {kind: source.randint(1, 3) for kind in kinds}
    content = content_of(
        [[f"n{k}", source.choice(kinds)] for k in range(count)],
        [(f"n{a}", f"n{b}") for b in range(count) for a in range(b) if source.random() < 0.3],
        delay=delay,
        occupancy={kind: source.randint(1, delay[kind]) for kind in kinds},
        weight={kind: source.randint(1, 9) for kind in kinds},
    )
    return content | {"deadline": content["deadline"] + slack}


def exhaustive_schedules(problem):
    frames = [range(low, high + 1) for low, high in zip(problem.earliest, problem.latest, strict=True)]
    for starts in itertools.product(*frames):
        if problem.is_feasible(np.array(starts, np.int64)):
            yield np.array(starts, np.int64)


@pytest.fixture(scope="module", params=(0, 1, 4))
def small(request, tmp_path_factory):
    """A small instance's file, its problem and its optimum."""
    path = tmp_path_factory.mktemp("small") / "instance.json"
    path.write_text(json.dumps(random_content(request.param, slack=request.param % 2)))
    problem = read_problem(path)
    return path, problem, min(map(problem.objective, exhaustive_schedules(problem)))


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_gives_a_feasible_schedule_and_a_true_bound(small, method):
    path, problem, optimum = small
    objective, bound, starts = METHODS[method](path, 0.2, 1)
    assert problem.is_feasible(starts)
    assert objective == problem.objective(starts) >= optimum
    assert bound is None or bound <= optimum


def test_the_portfolio_finds_and_proves_the_optimum(small):
    _, problem, optimum = small
    best = schedule(problem, 2.0, 0)
    assert (best.value, best.bound, best.is_optimal) == (optimum, optimum, True)
    assert problem.objective(best.starts) == optimum


def test_bounds_hold_for_every_type(small):
    _, problem, _ = small
    work, energetic = work_units(problem), energetic_units(problem)
    assert np.all(work <= energetic)
    for starts in itertools.islice(exhaustive_schedules(problem), 500):
        assert np.all(energetic <= problem.units(starts))


def test_work_that_must_be_done_in_the_same_cycles_counts():
    nodes = [["c0", "add"], ["c1", "add"], ["c2", "add"], ["x", "mul"], ["y", "mul"]]
    edges = [("c0", "c1"), ("c1", "c2"), ("x", "c1"), ("y", "c1")]
    problem = ResourceProblem.from_json(content_of(nodes, edges))
    assert dict(zip(problem.kinds, work_units(problem), strict=True)) == {"add": 1, "mul": 1}
    assert dict(zip(problem.kinds, energetic_units(problem), strict=True)) == {"add": 1, "mul": 2}


def medium(seed=11, count=150):
    source = random.Random(seed)
    kinds = [source.choice(["mul", "add", "div"]) for _ in range(count)]
    edges = [(f"n{source.randint(max(0, k - 30), k - 1)}", f"n{k}") for k in range(1, count) for _ in range(2)]
    hardware = {
        "delay": {"mul": 2, "add": 1, "div": 4},
        "occupancy": {"mul": 1, "add": 1, "div": 4},
        "weight": {"mul": 6, "add": 2, "div": 15},
    }
    return ResourceProblem.from_json(
        content_of([[f"n{k}", kind] for k, kind in enumerate(kinds)], edges, **hardware)
    )


def test_list_scheduling_adds_units_only_when_an_operation_cannot_wait():
    problem = medium()
    plenty = np.bincount(problem.kind)
    assert np.array_equal(list_schedule(problem, plenty), problem.earliest)
    lists = list_schedule(problem, work_units(problem))
    assert problem.is_feasible(lists)
    caps = searched_caps(problem, work_units(problem))
    assert problem.is_feasible(caps)
    assert problem.objective(caps) <= problem.objective(lists)
    assert problem.objective(lists) < problem.objective(problem.earliest)


def test_list_scheduling_follows_a_priority():
    problem = ResourceProblem.from_json(content_of([["a", "add"], ["b", "add"], ["c", "add"]], [], deadline=3))
    starts = list_schedule(problem, np.array([1]), np.array([2.0, 0.0, 1.0]))
    assert starts.tolist() == [2, 0, 1]


def test_force_directed_scheduling_balances():
    chain = [[f"c{k}", "add"] for k in range(4)]
    content = content_of(
        [*chain, *([f"m{k}", "mul"] for k in range(4))], [(f"c{k}", f"c{k + 1}") for k in range(3)]
    )
    problem = ResourceProblem.from_json(content)
    starts = force_directed(problem)
    assert sorted(starts[4:]) == [0, 1, 2, 3]
    problem = medium()
    for places in (20_000, 50):
        assert problem.is_feasible(force_directed(problem, 3, places))
    assert problem.objective(force_directed(problem)) < problem.objective(problem.earliest)


@pytest.mark.parametrize("hot", [0.01, 100.0])
def test_moves_keep_their_books(hot):
    problem = medium()
    state = MoveState.of(problem, problem.earliest)
    table = np.random.default_rng(1).uniform(0, 5, (len(problem.kinds), problem.nodes + 2))

    def energy(usage):
        return float(np.take_along_axis(table, usage, axis=1).sum())

    before = energy(state.usage)
    change = state.anneal(table, 20_000, hot, 0.01, -np.inf, 5)
    assert not np.array_equal(state.starts, problem.earliest)
    assert problem.is_feasible(state.starts)
    assert np.array_equal(state.usage, problem.usage(state.starts))
    assert change == pytest.approx(energy(state.usage) - before)


def test_annealing_stops_when_nothing_exceeds_the_caps():
    problem = medium()
    found = within(problem, problem.earliest, problem.units(problem.earliest), 1000, 0)
    assert np.all(problem.units(found) <= problem.units(problem.earliest))


def test_local_search_repeats_and_is_never_worse():
    problem = medium()
    least = energetic_units(problem)
    first = list_schedule(problem, least)
    runs = [local_search(problem, first, least, MoveBudget(300_000), 4) for _ in range(2)]
    assert np.array_equal(*runs)
    assert problem.objective(runs[0]) < problem.objective(first)
    assert np.array_equal(local_search(problem, runs[0], problem.units(runs[0]), MoveBudget(0), 4), runs[0])


def test_cpsat_never_gives_back_less_than_its_hint():
    problem = medium()
    least = energetic_units(problem)
    hint = list_schedule(problem, least)
    found = solve_exactly(problem, hint, least, 0.3, 0)
    assert problem.is_feasible(found.starts)
    assert int(least @ problem.weight) <= found.bound <= problem.objective(found.starts) <= problem.objective(hint)


def test_gauss_begins_at_a_schedule_and_beats_it():
    pytest.importorskip("jax", reason="GauS needs heurigym[experts]")
    problem = medium()
    starts = gauss_schedule(problem, problem.earliest, energetic_units(problem), 0.5, 0)
    assert problem.is_feasible(starts)
    assert problem.objective(starts) < problem.objective(problem.earliest)


def test_an_empty_graph_needs_no_units():
    problem = ResourceProblem.from_json(content_of([], [], deadline=0))
    best = schedule(problem, 1.0, 0)
    assert (best.value, best.bound, best.starts.tolist()) == (0, 0, [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nodes": [["a", "add"], ["a", "add"]]}, "nodes: an id is there twice"),
        ({"edges": [["a", "z", "0"]]}, "edges: 'z' is no node"),
        ({"edges": [["a", "b", "0"], ["b", "a", "0"]]}, "the graph has a cycle"),
        ({"deadline": 1}, "deadline: 1 is less than the longest path, 2"),
        ({"deadline": 2.5}, "deadline: must be an integer"),
        ({"delay": {"add": 0}}, "delay: must be an integer of at least 1"),
        ({"weight": {"add": True}}, "weight: must be an integer of at least 1"),
        ({"weight": {}}, "weight: has no 'add'"),
        ({"occupancy": {"add": 2}}, "occupancy: must not exceed the delay"),
    ],
)
def test_a_corrupt_instance_is_refused_with_its_file_and_field(change, message, tmp_path):
    content = content_of([["a", "add"], ["b", "add"]], [("a", "b")])
    path = tmp_path / "corrupt.json"
    path.write_text(json.dumps(content | change))
    with pytest.raises(ValueError, match=message) as caught:
        read_problem(path)
    assert str(path) in str(caught.value)
