"""The bound from the least total lifetime."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from memory_random import problems

pytest.importorskip("scipy", reason="the expert needs heurigym[experts]")

from heurigym.experts.scheduling.graph import Graph
from heurigym.experts.scheduling.memory.lifetimes import lifetime_bound
from heurigym.experts.scheduling.memory.problem import MemoryProblem


def least_peak(problem: MemoryProblem) -> int:
    """The optimum, by trying every schedule."""
    windows = [range(low, high + 1) for low, high in zip(problem.earliest, problem.latest, strict=True)]
    schedules = (np.array(starts) for starts in itertools.product(*windows))
    return min(problem.peak(starts) for starts in schedules if problem.is_feasible(starts))


@given(problem=problems(most=5))
@settings(max_examples=80, deadline=None)
def test_no_schedule_is_below_the_bound(problem: MemoryProblem) -> None:
    assert 0 <= lifetime_bound(problem, 10) <= least_peak(problem)


def chains(width: int, length: int, deadline: int) -> MemoryProblem:
    """Chains of unit steps side by side, each of which keeps one value of 3 bits."""
    nodes = width * length
    edges = [(node, node + 1) for node in range(nodes) if (node + 1) % length]
    is_output = np.arange(nodes) % length == length - 1
    return MemoryProblem(
        Graph.of(np.ones(nodes, np.int64), edges),
        np.full(nodes, 3),
        is_output,
        deadline,
        [str(node) for node in range(nodes)],
    )


def test_chains_without_slack_are_live_all_the_time() -> None:
    assert lifetime_bound(chains(4, 6, 6), 10) == 12


def test_slack_leaves_the_average() -> None:
    # A chain of 6 values is live for 6 steps at least, and anything can be live in 12.
    assert lifetime_bound(chains(4, 6, 12), 10) == 6


def test_what_is_never_live_and_totals_that_are_not_exact_prove_nothing() -> None:
    problem = chains(1, 2, 4)
    dead = MemoryProblem(problem.graph, np.zeros(2, np.int64), problem.is_output, 4, problem.names)
    assert lifetime_bound(dead, 10) == 0
    wide = MemoryProblem(problem.graph, np.full(2, 2**60), problem.is_output, 4, problem.names)
    assert lifetime_bound(wide, 10) == 0
