"""One-pass schedules for few live bits: as soon or as late as possible, and lazy lists in both directions.

A lazy list goes through the steps. In each it starts the nodes that can wait no longer, and then, of the nodes that
are ready, those whose start frees at least as many bits as their value needs, most freed bits first. The list
from the deadline back takes a node at once when its value ends at least as many bits as its inputs begin.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

import numpy as np

from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.memory.problem import MemoryProblem


def list_schedules(problem: MemoryProblem) -> dict[str, Ints]:
    """The one-pass schedules by name, all feasible."""
    return {
        "ASAP": problem.earliest,
        "ALAP": problem.latest,
        "ASAP with late inputs": late_inputs(problem),
        "list": forward_list(problem),
        "backward list": backward_list(problem),
    }


def late_inputs(problem: MemoryProblem) -> Ints:
    """As soon as possible, but nodes without inputs just before their first consumer."""
    graph = problem.graph
    starts = problem.earliest.copy()
    first_use = np.full(problem.nodes, problem.deadline, np.int64)
    np.minimum.at(first_use, graph.source, starts[graph.target])
    is_input = np.diff(graph.first_edge_into) == 0
    starts[is_input] = (first_use - graph.latency)[is_input]
    return starts


def forward_list(problem: MemoryProblem) -> Ints:
    """The lazy list from step 0 on."""
    inputs, consumers = _neighbours(problem)
    bits = (problem.bits * problem.is_ever_live).tolist()
    users = [len(nodes) for nodes in consumers]
    for node in np.flatnonzero(problem.is_output).tolist():
        users[node] += 1
    latency = problem.graph.latency.tolist()

    def gain(node: int) -> int:
        freed = sum(bits[source] for source in inputs[node] if users[source] == 1)
        return int(freed - bits[node])

    def place(node: int) -> list[int]:
        affected = []
        for source in inputs[node]:
            users[source] -= 1
            if users[source] == 1:
                affected += consumers[source]
        return affected

    def earliest(node: int, after: int, step: int) -> int:
        return int(step + latency[node])

    steps = _lazy_list(inputs, consumers, problem.latest.tolist(), [0] * problem.nodes, earliest, gain, place)
    return np.array(steps, np.int64)


def backward_list(problem: MemoryProblem) -> Ints:
    """The lazy list from the deadline back."""
    inputs, consumers = _neighbours(problem)
    bits = (problem.bits * problem.is_ever_live).tolist()
    is_live = problem.is_output.tolist()
    latency = problem.graph.latency.tolist()

    def gain(node: int) -> int:
        begun = sum(bits[source] for source in inputs[node] if not is_live[source])
        return int(bits[node] - begun)

    def place(node: int) -> list[int]:
        affected = []
        for source in inputs[node]:
            if not is_live[source]:
                is_live[source] = True
                affected += consumers[source]
        return affected

    def earliest(node: int, before: int, step: int) -> int:
        return int(step + latency[before])

    due = (problem.deadline - problem.earliest).tolist()
    steps = _lazy_list(consumers, inputs, due, latency, earliest, gain, place)
    return problem.deadline - np.array(steps, np.int64)


def _neighbours(problem: MemoryProblem) -> tuple[list[list[int]], list[list[int]]]:
    inputs: list[list[int]] = [[] for _ in range(problem.nodes)]
    consumers: list[list[int]] = [[] for _ in range(problem.nodes)]
    for source, target in zip(problem.graph.source.tolist(), problem.graph.target.tolist(), strict=True):
        inputs[target].append(source)
        consumers[source].append(target)
    return inputs, consumers


def _lazy_list(
    before: Sequence[Sequence[int]],
    after: Sequence[Sequence[int]],
    due: Sequence[int],
    ready: Sequence[int],
    earliest: Callable[[int, int, int], int],
    gain: Callable[[int], int],
    place: Callable[[int], list[int]],
) -> list[int]:
    """Steps of all nodes, counted in the direction of the list.

    Args:
        before: for each node those that have to be placed first.
        after: for each node those that it is placed before.
        due: the last step of each node.
        ready: the first step of each node as far as nothing else is placed.
        earliest: first step of the second node when the first is placed at a step.
        gain: bits that placing the node now frees, less those that it needs.
        place: notes that the node is placed; returns nodes whose gain may have changed.
    """
    nodes = len(before)
    steps = [-1] * nodes
    first = list(ready)
    missing = [len(others) for others in before]
    pending = [(first[node], node) for node in range(nodes) if not missing[node]]
    heapq.heapify(pending)
    available: list[tuple[int, int]] = []
    is_available = [False] * nodes
    by_due = sorted(range(nodes), key=due.__getitem__)
    next_due = 0
    step = 0
    placed = 0
    while placed < nodes:
        while pending and pending[0][0] <= step:
            _, node = heapq.heappop(pending)
            is_available[node] = True
            heapq.heappush(available, (-gain(node), node))
        while next_due < nodes and steps[by_due[next_due]] >= 0:
            next_due += 1
        if next_due < nodes and due[by_due[next_due]] <= step:
            node = by_due[next_due]
        elif available and available[0][0] <= 0:
            worth, node = heapq.heappop(available)
            if steps[node] >= 0:
                continue
            now = gain(node)
            if now < -worth:
                heapq.heappush(available, (-now, node))
                continue
        else:
            step += 1
            continue
        steps[node] = step
        placed += 1
        for other in place(node):
            if is_available[other] and steps[other] < 0:
                heapq.heappush(available, (-gain(other), other))
        for other in after[node]:
            first[other] = max(first[other], earliest(node, other, step))
            missing[other] -= 1
            if not missing[other]:
                heapq.heappush(pending, (first[other], other))
    return steps
