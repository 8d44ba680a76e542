"""MinII: by hand, and against enumeration of cycles."""

from collections.abc import Iterator

import pytest

pytest.importorskip("numba", reason="the expert needs heurigym[experts]")

from hypothesis import given, settings
from hypothesis import strategies as st
from modulo_random import random_content, random_loop

from heurigym.experts.scheduling.modulo.bounds import least_interval, recurrence_interval, resource_interval
from heurigym.experts.scheduling.modulo.loop import Loop, loop_from_json


def cycles(loop: Loop) -> Iterator[list[int]]:
    """The edges of every simple cycle."""
    for root in range(len(loop)):
        paths = [([edge], {root}) for edge in range(len(loop.source)) if loop.source[edge] == root]
        while paths:
            edges, seen = paths.pop()
            end = int(loop.target[edges[-1]])
            if end == root:
                yield edges
            elif end > root and end not in seen:
                onward = [edge for edge in range(len(loop.source)) if loop.source[edge] == end]
                paths += [([*edges, edge], seen | {end}) for edge in onward]


@given(seed=st.integers(0, 10_000), size=st.integers(1, 7))
@settings(max_examples=50, deadline=None)
def test_recurrences_bound_the_interval_as_the_slowest_cycle_does(seed: int, size: int) -> None:
    loop = random_loop(seed, size)
    slowest = 1
    for edges in cycles(loop):
        time, far = int(loop.weight[edges].sum()), int(loop.distance[edges].sum())
        slowest = max(slowest, -(-time // far) if far else 1)
    assert recurrence_interval(loop) == slowest


def test_units_bound_the_interval_by_their_work() -> None:
    content = random_content(0, 1)
    content["operations"] = [[f"n{index}", "mul", 8] for index in range(5)]
    content["edges"] = []
    content["resources"]["mul"] = {"latency": 2, "blocking": 4, "units": 3}
    assert resource_interval(loop_from_json(content)) == 7


def test_a_cycle_of_distance_0_that_takes_time_is_refused() -> None:
    content = random_content(0, 2)
    content["operations"] = [["a", "mul", 8], ["b", "mul", 8]]
    content["edges"] = [["a", "b", 0, 0, "data"], ["b", "a", 0, 0, "order"]]
    with pytest.raises(ValueError, match="a cycle of distance 0 takes time"):
        least_interval(loop_from_json(content))


def test_a_loop_without_operations_has_interval_1() -> None:
    content = random_content(0, 1)
    content.update(operations=[], edges=[])
    assert least_interval(loop_from_json(content)) == 1
