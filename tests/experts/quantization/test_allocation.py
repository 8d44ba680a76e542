"""Experts of bit allocation against trying everything, and against each other."""

import json
import time

import numpy as np
import pytest

pytest.importorskip("numba", reason="the expert needs heurigym[experts]")
pytest.importorskip("highspy", reason="the expert needs heurigym[experts]")
pytest.importorskip("ortools", reason="the expert needs heurigym[experts]")

from allocation_random import allocation, allocations, optimum
from hypothesis import given, settings
from hypothesis import strategies as st

from heurigym.experts.quantization import allocation_additive as additive
from heurigym.experts.quantization import allocation_cpsat as cpsat
from heurigym.experts.quantization import allocation_labels as labels
from heurigym.experts.quantization.allocation import from_json, read_allocation
from heurigym.experts.quantization.allocation_annealing import Annealer
from heurigym.experts.quantization.allocation_bounds import eigenvalue_bound, lagrangian_bound, least_eigenvalue
from heurigym.experts.quantization.allocation_elimination import Elimination, TooWide
from heurigym.experts.quantization.allocation_portfolio import allocate
from heurigym.experts.quantization.allocation_simple import fill, greedy, in_order, repair, step_losses, uniform


def everything(problem):
    shape = (problem.choice_count,) * problem.unit_count
    return (np.array(index) for index in np.ndindex(shape))


def test_layers_that_must_agree_become_one_unit(tmp_path):
    layer = {"parameters": 3, "macs": 5, "latency": [1, 2], "loss": [7, 1]}
    content = {
        "choices": [[4, 8], [8, 8]],
        "budgets": {"latency": 100, "size": 1000, "bit_operations": 10**6},
        "groups": [["a", "c"]],
        "layers": [{"name": name, **layer} for name in "abc"],
        "pairs": [
            {"layers": ["a", "c"], "loss": [[1, 99], [99, 3]]},
            {"layers": ["c", "b"], "loss": [[10, 20], [30, 40]]},
            {"layers": ["a", "b"], "loss": [[1, 2], [3, 4]]},
        ],
    }
    problem = from_json(content)
    assert problem.unit_of.tolist() == [0, 1, 0]
    assert problem.loss.tolist() == [[15, 5], [7, 1]]
    assert problem.coupling.tolist() == [[[11, 22], [33, 44]]]
    assert problem.use[:, 0].tolist() == [[24, 48], [320, 640], [2, 4]]
    assert problem.total(np.array([1, 0])) == 5 + 7 + 33
    assert problem.solution_text(np.array([1, 0])) == "a 8 8\nb 4 8\nc 8 8\n"
    path = tmp_path / "instance.json"
    path.write_text(json.dumps(content | {"layers": []}))
    with pytest.raises(ValueError, match=r"instance\.json: is no instance"):
        read_allocation(path)


@settings(max_examples=60, deadline=None)
@given(allocations(), st.integers(0, 10**6))
def test_step_losses_are_what_a_step_changes(problem, seed):
    choice = np.random.default_rng(seed).integers(0, problem.choice_count, problem.unit_count)
    steps = step_losses(problem, choice)
    for unit in range(problem.unit_count):
        for new in range(problem.choice_count):
            moved = choice.copy()
            moved[unit] = new
            assert problem.total(moved) - problem.total(choice) == steps[unit, new]


@settings(max_examples=60, deadline=None)
@given(allocations(), st.integers(0, 3))
def test_heuristics_keep_the_budgets_and_are_in_order(problem, seed):
    best = optimum(problem)
    start = uniform(problem)
    for found in (
        start,
        greedy(problem),
        greedy(problem, coupled=True),
        in_order(problem, problem.loss[:, 0] * 1.0),
    ):
        assert problem.is_feasible(found)
        assert best <= problem.total(found)
    assert problem.total(fill(problem, start)) <= problem.total(start)
    assert problem.is_feasible(repair(problem, problem.loss.argmin(axis=1)))
    annealed = Annealer(problem, seed).round(start, 300)
    assert problem.is_feasible(annealed)
    assert best <= problem.total(annealed) <= problem.total(start)
    assert (Annealer(problem, seed).round(start, 300) == annealed).all()


def test_the_order_of_hawq_gives_the_more_sensitive_no_fewer_bits():
    problem = allocation(4, units=8, width=3, resources=2)
    sensitivity = np.random.default_rng(0).permutation(8).astype(float)
    bits = problem.choices[in_order(problem, sensitivity)].prod(axis=1)
    assert (np.diff(bits[np.argsort(-sensitivity)]) <= 0).all()
    assert len(set(bits.tolist())) > 1


@settings(max_examples=60, deadline=None)
@given(allocations(band=0, resources=1))
def test_additive_methods_agree_with_trying_everything(problem):
    best = optimum(problem)
    frontier = additive.pareto_frontier(problem.loss, problem.use[0])
    assert problem.total(frontier.within(problem.budgets[0])) == best
    assert (np.diff(frontier.losses) < 0).all()
    assert (np.diff(frontier.sizes) > 0).all()
    fine = additive.bucket_frontier(problem.loss, problem.use[0], int(problem.budgets[0]), 10**6)
    assert problem.total(fine.within(problem.budgets[0])) == best
    coarse = additive.bucket_frontier(problem.loss, problem.use[0], 2 * int(problem.budgets[0]), 50)
    assert (coarse.sizes <= 2 * problem.budgets[0]).all()
    units = np.arange(problem.unit_count)
    for size, loss, choice in zip(coarse.sizes, coarse.losses, coarse.choices, strict=True):
        assert (problem.use[0, units, choice].sum(), problem.total(choice)) == (size, loss)


@settings(max_examples=40, deadline=None)
@given(allocations(band=0))
def test_the_integer_program_is_exact_under_several_budgets(problem):
    answer = additive.integer_program(problem, 20)
    assert problem.is_feasible(answer.choice)
    assert problem.total(answer.choice) == optimum(problem)
    assert optimum(problem) - 1 < answer.bound <= optimum(problem)


@settings(max_examples=60, deadline=None)
@given(allocations(), st.booleans())
def test_elimination_finds_the_least_of_all(problem, tight):
    alone = problem.loss + (0 if tight else problem.use.sum(axis=0) * 0.37)
    value, choice = Elimination(problem).minimum(alone)
    pairs = problem.total(choice) - problem.loss[np.arange(problem.unit_count), choice].sum()
    assert value == pytest.approx(alone[np.arange(problem.unit_count), choice].sum() + pairs)
    values = (
        alone[np.arange(problem.unit_count), each].sum()
        + problem.total(each)
        - problem.loss[np.arange(problem.unit_count), each].sum()
        for each in everything(problem)
    )
    assert value == pytest.approx(min(values))


def test_couplings_of_all_with_all_are_too_wide_for_elimination():
    with pytest.raises(TooWide, match="entries"):
        Elimination(allocation(0, units=16, width=4, band=16))


@settings(max_examples=60, deadline=None)
@given(allocations())
def test_bounds_are_below_the_optimum(problem):
    best = optimum(problem)
    priced = lagrangian_bound(problem, Elimination(problem), best)
    assert priced.bound <= best
    assert (priced.prices >= 0).all()
    lean = optimum(problem.additive())
    assert eigenvalue_bound(problem, lean) <= best
    if not len(problem.first):
        assert least_eigenvalue(problem) == 1


def test_prices_make_the_bound_tight_where_budgets_hardly_matter():
    problem = allocation(3, units=5, width=3, band=1, resources=0)
    priced = lagrangian_bound(problem, Elimination(problem), optimum(problem))
    assert priced.bound == pytest.approx(optimum(problem), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(allocations(), st.sampled_from([0.0, 1.0, 50.0]), st.integers(-1, 1))
def test_labels_are_exact_for_any_prices(problem, price, above):
    best = optimum(problem)
    exact = labels.solve(problem, best + above, np.full(len(problem.budgets), price))
    assert exact.complete
    if above <= 0:
        assert exact.choice is None
    else:
        assert problem.is_feasible(exact.choice)
        assert problem.total(exact.choice) == best


def test_a_wide_band_is_refused_by_labels():
    with pytest.raises(ValueError, match="too many states"):
        labels.solve(allocation(0, units=16, width=4, band=15), 10**9, np.zeros(2))


@pytest.mark.parametrize("seed", range(4))
def test_cpsat_is_exact_with_and_without_a_hint(seed):
    problem = allocation(seed)
    for hint in (None, uniform(problem)):
        answer = cpsat.solve(problem, 20, hint)
        assert problem.is_feasible(answer.choice)
        assert problem.total(answer.choice) == optimum(problem) == round(answer.bound)


@settings(max_examples=15, deadline=None)
@given(allocations())
def test_the_portfolio_proves_small_optima(problem):
    found = allocate(problem, 20, 0, time.process_time)
    assert found.loss == problem.total(found.choice) == optimum(problem)
    assert found.bound == found.loss
    assert problem.is_feasible(found.choice)


def test_nothing_fits_is_said():
    problem = allocation(1)
    problem.budgets[:] = 0
    with pytest.raises(ValueError, match="no uniform allocation"):
        allocate(problem, 1)
