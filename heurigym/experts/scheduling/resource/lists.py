"""Minimum-resource list scheduling: operations start when a unit is free, or when they cannot wait any longer."""

from __future__ import annotations

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.graph import Floats, Ints
from heurigym.experts.scheduling.resource.problem import ResourceProblem


def list_schedule(problem: ResourceProblem, units: Ints, priority: Floats | Ints | None = None) -> Ints:
    """The schedule of one pass that has ``units`` at first and adds a unit whenever an operation cannot wait.

    Minimum-resource list scheduling (De Micheli 1994, chapter 5): in each cycle the operations that cannot wait
    begin, then others in the order of their priority while units are free.

    Args:
        problem: the problem.
        units: units of each type at first; shape (types,).
        priority: least first; the latest starts when absent.
    """
    rank = _ranks(problem.latest if priority is None else priority)
    starts = np.zeros(problem.nodes, np.int64)
    _schedule(*_arrays(problem), rank, units.astype(np.int64), starts)
    return starts


def searched_caps(problem: ResourceProblem, least: Ints) -> Ints:
    """The best list schedule with the units of one type after the other, heaviest first, found by binary search.

    Args:
        problem: the problem.
        least: a lower bound on the units of each type, where the search begins; shape (types,).
    """
    candidates = [list_schedule(problem, np.ones_like(least)), list_schedule(problem, least)]
    starts = min(candidates, key=problem.objective)
    units = problem.units(starts)
    work = np.bincount(problem.kind, minlength=len(problem.kinds)) * problem.weight
    for kind in np.argsort(-work, kind="stable").tolist():
        low, high = int(least[kind]), int(units[kind])
        while low < high:
            middle = (low + high) // 2
            tried = units.copy()
            tried[kind] = middle
            found = list_schedule(problem, tried)
            if problem.objective(found) < problem.objective(starts):
                starts = found
                units = problem.units(found)
                high = min(middle, int(units[kind]))
            else:
                low = middle + 1
    return starts


def _ranks(priority: Floats | Ints) -> Ints:
    ranks = np.empty(len(priority), np.int64)
    ranks[np.argsort(priority, kind="stable")] = np.arange(len(priority))
    return ranks


def _arrays(problem: ResourceProblem) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints, int]:
    graph = problem.graph
    missing = np.bincount(graph.target, minlength=problem.nodes)
    return (
        graph.latency,
        graph.first_edge,
        graph.targets,
        missing,
        problem.kind,
        problem.occupancy,
        problem.latest,
        problem.deadline,
    )


@compiled
def _schedule(
    latency: Ints,
    first_edge: Ints,
    targets: Ints,
    missing: Ints,
    kind: Ints,
    occupancy: Ints,
    latest: Ints,
    deadline: int,
    rank: Ints,
    units: Ints,
    starts: Ints,
) -> None:
    nodes, types = len(kind), len(units)
    node_of_rank = np.empty(nodes, np.int64)
    node_of_rank[rank] = np.arange(nodes)
    first = np.zeros(types + 1, np.int64)
    for node in range(nodes):
        first[kind[node] + 1] += 1
    first = np.cumsum(first)
    queue = np.empty(nodes, np.int64)  # ranks of the ready nodes of each type, the most urgent last
    length = np.zeros(types, np.int64)
    used = np.zeros((types, deadline + 1), np.int64)
    arrival = np.full(deadline + 1, -1, np.int64)  # a chain of the nodes that become ready in each cycle
    chained = np.full(nodes, -1, np.int64)
    ready = np.zeros(nodes, np.int64)
    due = np.full(deadline + 1, -1, np.int64)
    due_after = np.full(nodes, -1, np.int64)
    started = np.zeros(nodes, np.bool_)
    for node in range(nodes):
        due_after[node] = due[latest[node]]
        due[latest[node]] = node
        if missing[node] == 0:
            chained[node] = arrival[0]
            arrival[0] = node
    began = np.empty(nodes, np.int64)
    for cycle in range(deadline):
        node = arrival[cycle]
        while node >= 0:
            own = kind[node]
            place = first[own] + length[own]
            while place > first[own] and queue[place - 1] < rank[node]:
                queue[place] = queue[place - 1]
                place -= 1
            queue[place] = rank[node]
            length[own] += 1
            node = chained[node]
        count = 0
        node = due[cycle]
        while node >= 0:
            if not started[node]:
                own = kind[node]
                units[own] = max(units[own], used[own, cycle] + 1)
                for held in range(cycle, cycle + occupancy[own]):
                    used[own, held] += 1
                started[node] = True
                starts[node] = cycle
                began[count] = node
                count += 1
            node = due_after[node]
        for own in range(types):
            while length[own] > 0:
                node = node_of_rank[queue[first[own] + length[own] - 1]]
                if not started[node]:
                    if used[own, cycle] >= units[own]:
                        break
                    for held in range(cycle, cycle + occupancy[own]):
                        used[own, held] += 1
                    started[node] = True
                    starts[node] = cycle
                    began[count] = node
                    count += 1
                length[own] -= 1
        for place in range(count):
            node = began[place]
            finish = cycle + latency[node]
            for edge in range(first_edge[node], first_edge[node + 1]):
                target = targets[edge]
                ready[target] = max(ready[target], finish)
                missing[target] -= 1
                if missing[target] == 0:
                    chained[target] = arrival[ready[target]]
                    arrival[ready[target]] = target
