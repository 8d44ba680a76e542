"""The search of GauS: exact measures, legal schedules whatever the means, its three formulations, and its seeds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heurigym.experts.scheduling import gauss
from heurigym.experts.scheduling.graph import Floats, Graph, Ints

QUICK = gauss.Options(rounds=8, steps=20, rounds_of_annealing=4)


@st.composite
def repeating_graphs(draw: st.DrawFn) -> tuple[Graph, int, int]:
    """A graph with back edges, an interval that its cycles fit into, and a horizon."""
    count = draw(st.integers(1, 8))
    latency = draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    pairs = [(tail, head) for head in range(count) for tail in range(head)]
    forward = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=10)) if pairs else []
    back = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=3))
    edges = forward + [(max(pair), min(pair)) for pair in back]
    delay = draw(st.lists(st.integers(0, 2), min_size=len(edges), max_size=len(edges)))
    distance = [0] * len(forward) + [draw(st.integers(1, 2)) for _ in back]
    graph = Graph.of(latency, edges, delay, distance)
    interval = int(graph.separation.sum()) + 1
    horizon = int((graph.earliest(interval) + graph.latency).max()) + draw(st.integers(0, 6))
    return graph, interval, horizon


@given(made=repeating_graphs(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_legalised_means_always_keep_every_precedence(made: tuple[Graph, int, int], data: st.DataObject) -> None:
    graph, interval, horizon = made
    numbers = st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf"), float("-inf")])
    means = np.array(data.draw(st.lists(numbers, min_size=graph.nodes, max_size=graph.nodes)))
    starts = graph.legalised(means, horizon, interval)
    assert starts.min() >= 0
    assert (starts + graph.latency).max() <= horizon
    for tail, head, apart, repeats in zip(
        graph.source, graph.target, graph.separation, graph.distance, strict=True
    ):
        assert starts[head] + repeats * interval >= starts[tail] + apart


@given(made=repeating_graphs())
@settings(max_examples=60, deadline=None)
def test_legal_schedules_are_left_as_they_are(made: tuple[Graph, int, int]) -> None:
    graph, interval, horizon = made
    for legal in (graph.earliest(interval), graph.latest(horizon, interval)):
        assert graph.keeps_precedence(legal, interval)
        assert graph.legalised(legal, horizon, interval).tolist() == legal.tolist()


def test_cycles_are_refused_with_their_reason() -> None:
    with pytest.raises(ValueError, match="cycle of edges without distance"):
        Graph.of([1, 1], [(0, 1), (1, 0)])
    repeating = Graph.of([2, 2], [(0, 1), (1, 0)], distance=[0, 1])
    with pytest.raises(ValueError, match="does not fit into an interval of 3"):
        repeating.earliest(3)
    assert repeating.earliest(4).tolist() == [0, 2]
    with pytest.raises(ValueError, match="does not fit into 3 steps"):
        repeating.legalised(np.zeros(2), 3, 4)


def test_an_operation_longer_than_the_interval_counts_in_each_slot_as_often_as_it_is_there() -> None:
    resources = gauss.Resources(
        kind=np.array([0, 0, -1]), occupies=np.array([5, 1, 9]), weight=np.ones(1), capacity=np.array([9])
    )
    use = gauss.occupancy(resources, np.array([1, 4, 0]), horizon=6, interval=3)
    # The first is there in the steps 1 ... 5, the second in step 4.
    assert use.tolist() == [[1, 3, 2]]


def test_a_value_used_in_a_later_repetition_lives_until_then() -> None:
    graph = Graph.of([1, 1], [(0, 1), (0, 1)], distance=[0, 1])
    values = gauss.Values(np.array([8, 4]), np.array([False, False]))
    live = gauss.live_bits(graph, values, np.array([0, 2]), horizon=3, interval=3)
    # Ready in step 1, used in the steps 2 and 2 + 3: the five steps 1 ... 5.
    assert live.tolist() == [8, 16, 16]


def independent_operations() -> tuple[Graph, gauss.Resources]:
    count = 6
    resources = gauss.Resources(
        kind=np.zeros(count, np.int64), occupies=np.ones(count, np.int64), weight=np.ones(1), capacity=np.array([2])
    )
    return Graph.of([1] * count, []), resources


@pytest.fixture(scope="module")
def spread() -> gauss.Found:
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
    graph, resources = independent_operations()
    return gauss.minimise_resources(graph, resources, 3, gauss.Search(options=replace(QUICK, rounds=40)))


def test_formulation_a_spreads_operations_over_the_steps(spread: gauss.Found) -> None:
    assert spread.objective == 2.0
    assert np.bincount(spread.starts).tolist() == [2, 2, 2]


def test_the_same_seed_gives_the_same_bits(spread: gauss.Found) -> None:
    graph, resources = independent_operations()
    again = gauss.minimise_resources(graph, resources, 3, gauss.Search(options=replace(QUICK, rounds=40)))
    assert again.means.tobytes() == spread.means.tobytes()
    assert again.starts.tolist() == spread.starts.tolist()


def waiting_products() -> tuple[Graph, gauss.Values]:
    """Eight wide products of inputs, summed one after the other: computed early, all wait."""
    edges, latency, bits = [], [1] * 8, [16] * 8
    total = 0
    for product in range(1, 8):
        latency.append(1)
        bits.append(16)
        edges += [(total, len(latency) - 1), (product, len(latency) - 1)]
        total = len(latency) - 1
    return Graph.of(latency, edges), gauss.Values(np.array(bits), np.arange(15) == 14)


@pytest.mark.parametrize("options", [QUICK, replace(gauss.FAITHFUL, rounds=30)])
def test_formulation_b_delays_values_until_they_are_needed(options: gauss.Options) -> None:
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
    graph, values = waiting_products()
    early = gauss.live_bits(graph, values, graph.earliest(), 12).max()
    found = gauss.minimise_live_bits(graph, values, 12, gauss.Search(initial=graph.earliest(), options=options))
    assert early == 8 * 16
    assert found.objective < 0.7 * early
    assert gauss.live_bits(graph, values, found.starts, 12).max() == found.objective
    assert graph.keeps_precedence(found.starts)


def test_formulation_c_keeps_recurrences_and_capacities() -> None:
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
    graph = Graph.of([1] * 6, [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5)], distance=[0, 0, 1, 0, 0])
    resources = gauss.Resources(
        kind=np.zeros(6, np.int64), occupies=np.ones(6, np.int64), weight=np.ones(1), capacity=np.array([2])
    )
    values = gauss.Values(np.full(6, 8), np.zeros(6, np.bool_))
    found = gauss.minimise_folded_live_bits(
        graph, values, resources, 3, 8, gauss.Search(options=replace(QUICK, rounds=30, steps=40))
    )
    assert graph.keeps_precedence(found.starts, 3)
    assert gauss.occupancy(resources, found.starts, 8, 3).max() <= 2
    assert found.objective == gauss.live_bits(graph, values, found.starts, 8, 3).max()


def test_the_decoder_decides_what_is_kept() -> None:
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
    graph, values = waiting_products()
    seen: list[int] = []

    def decode(means: Floats) -> tuple[Ints, float]:
        seen.append(len(seen))
        return graph.legalised(means, 12), -float(seen[-1])

    found = gauss.minimise_live_bits(graph, values, 12, gauss.Search(decode=decode, options=QUICK))
    assert found.rounds == QUICK.rounds
    assert found.objective == -float(QUICK.rounds)
    assert [value for _, value in found.history] == [-float(turn) for turn in range(QUICK.rounds + 1)]


def test_a_limit_that_is_over_leaves_the_decoded_beginning() -> None:
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
    graph, values = waiting_products()
    found = gauss.minimise_live_bits(graph, values, 12, gauss.Search(initial=graph.latest(12), seconds=0.0))
    assert (found.rounds, found.starts.tolist()) == (0, graph.latest(12).tolist())


def test_empty_graphs_have_nothing_to_search() -> None:
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
    values = gauss.Values(np.zeros(0, np.int64), np.zeros(0, np.bool_))
    found = gauss.minimise_live_bits(Graph.of([], []), values, 3, gauss.Search())
    assert (found.objective, len(found.starts)) == (0.0, 0)


def test_wrong_options_and_missing_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        gauss.Options(steps=0)
    graph, resources = independent_operations()
    with pytest.raises(ValueError, match="widths"):
        gauss.minimise_resources(graph, resources, 3, gauss.Search(), alpha=0.5)
    with pytest.raises(ValueError, match="does not fit into 0 steps"):
        gauss.minimise_resources(graph, resources, 0, gauss.Search())
