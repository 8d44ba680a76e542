import gzip
import json
import math
import time
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
pytest.importorskip("highspy", reason="the expert needs heurigym[experts]")
pytest.importorskip("ortools", reason="the expert needs heurigym[experts]")

from egraph_random import egraphs, optimum
from hypothesis import given, settings
from hypothesis import strategies as st

from heurigym.experts.egraph import cpsat, highs
from heurigym.experts.egraph.annealing import Annealer
from heurigym.experts.egraph.answers import Answer
from heurigym.experts.egraph.graph import UNCHOSEN, from_json, read_egraph
from heurigym.experts.egraph.greedy import dag_greedy, tree_greedy
from heurigym.experts.egraph.parts import eboost, free_neighbourhood, pruned_nodes
from heurigym.experts.egraph.portfolio import extract
from heurigym.experts.egraph.reduction import extend_choice, reduced

ROOT = Path(__file__).parents[3]


def written(folder, nodes, roots):
    path = folder / "instance.json"
    path.write_text(json.dumps({"nodes": nodes, "root_eclasses": roots}))
    return path


def test_reads_children_as_node_ids_and_as_class_ids(tmp_path):
    by_node = {
        "a": {"op": "f", "cost": 0.1, "eclass": "7", "children": ["b", "b", "c"]},
        "b": {"op": "x", "cost": 2, "eclass": "8", "children": []},
        "c": {"op": "y", "eclass": "9"},
    }
    by_class = {
        "8": {"op": "f", "cost": 0.1, "eclass": 7, "children": [8, 8, 9]},
        "b": {"op": "x", "cost": 2, "eclass": 8, "children": []},
        "c": {"op": "y", "eclass": 9},
    }
    for nodes, roots in ((by_node, ["7"]), (by_class, [7])):
        graph = read_egraph(written(tmp_path, nodes, roots))
        choice = tree_greedy(graph)
        assert graph.class_count == 3
        assert graph.cost_of(choice) == Fraction("3.1")
        assert sorted(json.loads(graph.solution_text(choice))) == sorted(nodes)


def test_a_file_that_is_no_egraph_is_named(tmp_path):
    path = tmp_path / "instance.json"
    for content in ("[]", "{}", '{"nodes": {"a": 1}, "root_eclasses": []}'):
        path.write_text(content)
        with pytest.raises(ValueError, match=r"instance\.json"):
            read_egraph(path)


def test_roots_without_a_finite_program_are_refused(tmp_path):
    nodes = {
        "a": {"op": "f", "cost": 1, "eclass": "0", "children": ["b"]},
        "b": {"op": "f", "cost": 1, "eclass": "1", "children": ["a"]},
    }
    graph = read_egraph(written(tmp_path, nodes, ["0"]))
    with pytest.raises(ValueError, match="every choice has a cycle"):
        extract(graph, 1)


def test_costs_are_scaled_without_rounding_where_they_fit(tmp_path):
    nodes = {
        "a": {"op": "f", "cost": 0.125, "eclass": "0", "children": ["b"]},
        "b": {"op": "f", "cost": 0.3, "eclass": "1", "children": []},
    }
    graph = read_egraph(written(tmp_path, nodes, ["0"]))
    costs, scale = graph.scaled_costs()
    assert [Fraction(int(cost)) / scale for cost in costs] == list(graph.costs)
    coarse, scale = graph.scaled_costs(bits=5)
    assert sum(coarse) < 32
    assert all(Fraction(int(cost)) / scale <= exact for cost, exact in zip(coarse, graph.costs, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.booleans().flatmap(lambda negative: egraphs(negative=negative)))
def test_reduction_keeps_the_optimum(graph):
    small, nodes = reduced(graph)
    assert small.node_count <= graph.node_count
    assert optimum(small) == optimum(graph)
    choice = tree_greedy(small)
    whole = extend_choice(graph, nodes, choice)
    assert graph.cost_of(whole) == small.cost_of(choice)


@settings(max_examples=60, deadline=None)
@given(st.booleans().flatmap(lambda negative: egraphs(negative=negative)), st.integers(0, 3))
def test_heuristics_are_valid_and_in_order(graph, seed):
    small, _ = reduced(graph)
    best = optimum(graph)
    tree = small.cost_of(tree_greedy(small))
    dag = dag_greedy(small, seed, math.inf)
    annealed = Annealer(small, seed).round(dag, 400)
    assert best <= small.cost_of(annealed) <= small.cost_of(dag)
    assert best <= tree
    assert (Annealer(small, seed).round(dag, 400) == annealed).all()


@settings(max_examples=25, deadline=None)
@given(st.booleans().flatmap(lambda negative: egraphs(negative=negative)))
def test_exact_solvers_find_the_optimum(graph):
    small, _ = reduced(graph)
    best = optimum(graph)
    for solve in (highs.solve, cpsat.solve, partial(cpsat.solve, hint=tree_greedy(small))):
        answer = solve(small, 20)
        assert answer.optimal
        assert small.cost_of(answer.choice) == best
        assert answer.bound == pytest.approx(float(best), abs=1e-6)
    published = highs.solve(graph, 20, plain=True)
    assert graph.cost_of(published.choice) == best


def test_no_proof_is_below_the_optimum_of_an_egraph_that_misled_a_started_solver():
    """Given the greedy choices as starts, HiGHS 1.16.0 with presolve called 160 and 168 optimal here."""
    path = ROOT / "problems/egraph_extraction/instances/eval/eval15_logic_3567.json.gz"
    graph = from_json(json.loads(gzip.decompress(path.read_bytes()), parse_float=Decimal))
    answer = eboost(graph, math.inf, 60, highs.solve, clock=time.process_time)
    assert answer.optimal
    assert graph.cost_of(answer.choice) == 134
    assert answer.bound == pytest.approx(134)


def test_a_bound_beyond_a_choice_is_no_proof(tmp_path, monkeypatch):
    nodes = {
        f"{own}.{number}": {"op": "f", "cost": 1 + number, "eclass": str(own), "children": []}
        for own in range(3)
        for number in range(2)
    }
    graph = read_egraph(written(tmp_path, nodes, ["0", "1", "2"]))
    for said, told in ((7.0, None), (2.5, 3.0), (3.0, 3.0), (1.25, 2.0), (-1054.0, 0.0)):
        for solver in (highs, cpsat):
            monkeypatch.setattr(solver, "solve", lambda *_, bound=said, **__: Answer(None, bound, True))
        found = extract(graph, 2, clock=time.process_time)
        assert (found.cost, found.bound, found.optimal) == (3, told, told == 3)


@settings(max_examples=15, deadline=None)
@given(st.booleans().flatmap(lambda negative: egraphs(negative=negative)))
def test_the_portfolio_proves_small_optima(graph):
    found = extract(graph, 20, seed=3)
    assert found.optimal
    assert found.cost == optimum(graph) == graph.cost_of(found.choice)
    assert [step.cost for step in found.improvements] == sorted((s.cost for s in found.improvements), reverse=True)


@settings(max_examples=30, deadline=None)
@given(egraphs(), st.sampled_from([1.0, 1.25, 2.0, math.inf]))
def test_pruning_and_neighbourhoods_keep_a_valid_choice(graph, theta):
    import random

    small, _ = reduced(graph)
    choice = dag_greedy(small, 0, math.inf)
    for mask in (pruned_nodes(small, choice, theta), free_neighbourhood(small, choice, 3, random.Random(0))):
        part, _ = reduced(small, mask)
        assert optimum(part) <= small.cost_of(choice)
        if theta == math.inf:
            assert optimum(part) >= optimum(small)
    boosted = eboost(graph, theta, 10, highs.solve)
    assert optimum(graph) <= graph.cost_of(boosted.choice) <= small.cost_of(choice)


def test_annealing_stops_at_its_deadline_and_fills_an_incomplete_choice(tmp_path):
    nodes = {
        f"{own}.{number}": {"op": "f", "cost": 1 + number, "eclass": str(own), "children": []}
        for own in range(3)
        for number in range(2)
    }
    nodes["r"] = {"op": "f", "cost": 0, "eclass": "r", "children": ["0.0", "1.0", "2.0"]}
    graph = read_egraph(written(tmp_path, nodes, ["r"]))
    nothing = np.full(graph.class_count, UNCHOSEN, dtype=np.int64)
    found = Annealer(graph, 0).round(nothing, 1_000_000_000, deadline=time.monotonic() + 0.1)
    assert graph.cost_of(found) == 3


def test_cpsat_proves_what_one_tree_search_does_not():
    graph, _ = reduced(read_egraph(ROOT / "problems/egraph_extraction/instances/eval/eval10_datapath_1262.json"))
    answer = cpsat.solve(graph, 60.0, tree_greedy(graph), clock=time.process_time)
    assert answer.optimal
    assert graph.cost_of(answer.choice) == 1411
    assert answer.bound == pytest.approx(1411)


def test_solvers_stop_on_a_clock_that_has_run_out(tmp_path):
    nodes = {
        f"{own}.{number}": {"op": "f", "cost": 1 + number, "eclass": str(own), "children": []}
        for own in range(3)
        for number in range(2)
    }
    graph = read_egraph(written(tmp_path, nodes, ["0", "1", "2"]))
    for solve in (highs.solve, partial(cpsat.solve, hint=tree_greedy(graph))):
        answer = solve(graph, 0.0, clock=lambda: 0.0)
        assert answer.choice is None or graph.cost_of(answer.choice) == 3
