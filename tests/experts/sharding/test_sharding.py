"""The sharding expert: exact where it says so, the same for the same seed, and right about what it found."""

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install 'heurigym[experts]'")
sys.path.append(str(Path(__file__).resolve().parent))

from sharding_random import FORBIDDEN, best_by_trying_all, random_program

from heurigym.experts.sharding.elimination import least, plan
from heurigym.experts.sharding.greedy import greedy
from heurigym.experts.sharding.moves import new_state, refill
from heurigym.experts.sharding.portfolio import quick_search, search
from heurigym.experts.sharding.pricing import price_memory, restart
from heurigym.experts.sharding.profile import add, empty_profile, most
from heurigym.experts.sharding.program import Program, text
from heurigym.experts.sharding.reduction import Reduction
from heurigym.experts.sharding.relaxation import Relaxation, climb
from heurigym.experts.sharding.workspace import Workspace

SEEDS = range(40)


def workspace(program: Program, seed: int = 0) -> tuple[Reduction, Workspace]:
    reduction = Reduction(program)
    reduction.reduce()
    return reduction, Workspace(reduction.finish(), seed)


def test_a_profile_adds_and_finds_the_most_like_a_list() -> None:
    generator = np.random.default_rng(1)
    load, top, lift = empty_profile(700)
    plain = np.zeros(700, np.int64)
    for _ in range(300):
        begin, end = sorted(generator.integers(0, 701, 2).tolist())
        change = int(generator.integers(-9, 10))
        add(load, top, lift, begin, end, change)
        plain[begin:end] += change
        begin, end = sorted(generator.integers(0, 701, 2).tolist())
        if begin < end:
            assert most(load, top, lift, begin, end) == plain[begin:end].max()


@pytest.mark.parametrize("largest", [2, 4000])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reduction_keeps_the_optimum(seed: int, largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heurigym.experts.sharding.reduction.LARGEST_TABLE", largest)
    program = random_program(seed)
    optimum = best_by_trying_all(program)
    if optimum >= 10**13:
        return
    reduction = Reduction(program, optimum + 1 if seed % 2 else 10**13)
    reduction.reduce()
    arrays = reduction.finish()
    sizes = np.diff(arrays.first)
    found = []
    for chosen in np.ndindex(*sizes.tolist()):
        expanded = reduction.expanded(chosen)
        state = new_state(arrays, np.array(chosen, dtype=np.int64))
        within = not (state.load + np.repeat(state.lift, 128)[: len(state.load)] > arrays.limit[0]).any()
        if state.total[0] < 10**13 and within:
            assert program.fits(expanded)
            if state.total[0] <= optimum:
                assert program.cost(expanded) == state.total[0]
                found.append(int(state.total[0]))
    assert min(found) == optimum


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_finds_the_optimum_of_small_problems(seed: int) -> None:
    program = random_program(seed)
    optimum = best_by_trying_all(program)
    found = search(program, 0.3, seed)
    assert program.fits(found.chosen)
    assert program.cost(found.chosen) == found.cost
    assert found.cost == optimum or optimum >= FORBIDDEN
    assert found.bound is None or found.bound <= optimum


def test_a_quick_search_is_the_same_every_time_and_no_worse_than_one_pass() -> None:
    program = random_program(3, 40)
    first = quick_search(program, 3000)
    assert first == quick_search(program, 3000)
    assert program.fits(first)
    assert program.fits(greedy(program))
    assert program.cost(first) <= program.cost(greedy(program))


@pytest.mark.parametrize("seed", range(8))
def test_moves_keep_count_of_cost_and_memory(seed: int) -> None:
    _, space = workspace(random_program(seed, 30), seed)
    price_memory(space, 30)
    if space.best is None:
        return
    space.go_to(space.best)
    space.anneal(2000, 5.0, 30)
    state = space._state
    load = state.load + np.repeat(state.lift, 128)[: len(state.load)]
    total = float(state.total[0])
    refill(space.arrays, state)
    assert float(state.total[0]) == total
    assert (state.load + np.repeat(state.lift, 128)[: len(state.load)] == load).all()
    assert not (load > space.arrays.limit[0]).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_elimination_finds_the_least_cost_without_a_limit(seed: int) -> None:
    program = random_program(seed, limited=False)
    reduction = Reduction(program)
    arrays = reduction.finish()
    steps = plan(arrays)
    assert steps is not None
    total, chosen = least(arrays, steps, arrays.cost.astype(np.int64), arrays.pair.astype(np.int64))
    state = new_state(arrays, chosen)
    assert state.total[0] == total
    optimum = best_by_trying_all(program)
    assert total == optimum or optimum >= 10**13


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_of_the_relaxation_hold(seed: int) -> None:
    program = random_program(seed)
    _, space = workspace(program)
    optimum = best_by_trying_all(program)
    price_memory(space, 20)
    steps = plan(space.arrays)
    if steps is None or space.best is None or optimum >= 10**13:
        return
    relaxation = Relaxation(space.arrays, steps, int(space.least))
    climb(relaxation, space, 60, seed, lambda: True)
    assert relaxation.bound <= optimum <= space.least


def test_restarts_fit_or_say_that_they_do_not() -> None:
    _, space = workspace(random_program(5, 30))
    price_memory(space, 30)
    generator = np.random.default_rng(1)
    for _ in range(10):
        if restart(space, generator, 0.5):
            assert not (space.excess > 0).any()


def test_numbers_beyond_doubles_and_a_missing_limit() -> None:
    huge = 10**400
    program = Program([[0, huge], [1, 2]], [[huge, 3], [2, huge]], [[1, huge], [5, 6]], [], [], None)
    found = search(program, 0.2, 0)
    assert found.chosen == [1, 0]
    assert found.cost == 5
    assert text(found.chosen) == "[1, 0]\n"


def test_nothing_that_fits_is_said() -> None:
    program = Program([[0, 1]], [[1]], [[5]], [], [], 4)
    with pytest.raises(ValueError, match="no choice of strategies fits"):
        search(program, 0.1, 0)


def test_cpsat_agrees_with_trying_all() -> None:
    cpsat = pytest.importorskip("heurigym.experts.sharding.cpsat")
    for seed in range(6):
        program = random_program(seed)
        _, space = workspace(program)
        price_memory(space, 20)
        optimum = best_by_trying_all(program)
        if space.best is None or space.least >= 10**13:
            continue
        chosen, bound = cpsat.solve(space.arrays, space.best, int(space.least), 5.0, 0)
        space.go_to(chosen)
        assert space.cost == optimum
        assert bound is None or bound <= optimum
