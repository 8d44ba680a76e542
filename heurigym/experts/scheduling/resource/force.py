"""Force-directed scheduling (Paulin and Knight, 1989): place the operation where it evens out the expected use."""

from __future__ import annotations

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.graph import Floats, Ints
from heurigym.experts.scheduling.resource.problem import ResourceProblem

PLACES = 20_000
"""Places (operation and start) that are compared in a step; larger graphs draw the operations to compare."""


def force_directed(problem: ResourceProblem, seed: int = 0, places: int = PLACES) -> Ints:
    """The schedule in which each step fixes the operation and start of the least force.

    An operation holds its unit with equal probability from each start that is left to it; the sum over the
    operations of a type is its distribution. The force of a start is the change of distribution times probability
    that it causes for the operation and its direct neighbours, weighted by the area of a unit. After a step the
    starts that are left are narrowed through the whole graph.

    Args:
        problem: the problem.
        seed: of the draw of operations to compare.
        places: how many starts a step compares; the method as published compares all.
    """
    graph = problem.graph
    low, high = problem.earliest.copy(), problem.latest.copy()
    _force_directed(
        graph.latency,
        graph.first_edge,
        graph.targets,
        graph.first_edge_into,
        graph.sources,
        problem.kind,
        problem.occupancy,
        problem.weight.astype(np.float64),
        low,
        high,
        problem.deadline,
        places,
        seed,
    )
    return low


@compiled
def _spread(sign: float, low: int, high: int, held: int, row: Floats) -> None:
    """Add to a distribution what an operation holds when each start from ``low`` to ``high`` is equally likely."""
    share = sign / (high - low + 1)
    for start in range(low, high + 1):
        for cycle in range(start, start + held):
            row[cycle] += share


@compiled
def _sum_held(row: Floats, held: int, sums: Floats) -> None:
    """Prefix sums over starts of the distribution in the cycles that an operation would hold."""
    window = 0.0
    for cycle in range(held - 1):
        window += row[cycle]
    for start in range(len(row) - held + 1):
        window += row[start + held - 1]
        sums[start + 1] = sums[start] + window
        window -= row[start]


@compiled
def _mean(sums: Floats, low: int, high: int) -> float:
    return float((sums[high + 1] - sums[low]) / (high - low + 1))


@compiled
def _force_directed(
    latency: Ints,
    first_edge: Ints,
    targets: Ints,
    first_edge_into: Ints,
    sources: Ints,
    kind: Ints,
    occupancy: Ints,
    weight: Floats,
    low: Ints,
    high: Ints,
    deadline: int,
    places: int,
    seed: int,
) -> None:
    np.random.seed(seed)
    nodes, types = len(kind), len(occupancy)
    row = np.zeros((types, deadline))
    sums = np.zeros((types, deadline + 1))
    for node in range(nodes):
        _spread(1.0, low[node], high[node], occupancy[kind[node]], row[kind[node]])
    for own in range(types):
        _sum_held(row[own], occupancy[own], sums[own])
    free = np.flatnonzero(low < high)
    count = len(free)
    stack = np.empty(nodes, np.int64)
    stacked = np.zeros(nodes, np.bool_)
    stale = np.zeros(types, np.bool_)
    while count > 0:
        least, chosen, chosen_start = np.inf, -1, 0
        compared = 0
        for turn in range(count):
            # A partial shuffle: all operations are compared on small graphs, a random sample on large ones.
            other = turn + np.random.randint(count - turn)
            free[turn], free[other] = free[other], free[turn]
            node = free[turn]
            own = kind[node]
            mean = _mean(sums[own], low[node], high[node])
            for start in range(low[node], high[node] + 1):
                force = weight[own] * (sums[own, start + 1] - sums[own, start] - mean)
                finish = start + latency[node]
                for edge in range(first_edge[node], first_edge[node + 1]):
                    after = targets[edge]
                    if low[after] < finish:
                        kin = kind[after]
                        shift = _mean(sums[kin], finish, high[after]) - _mean(sums[kin], low[after], high[after])
                        force += weight[kin] * shift
                for edge in range(first_edge_into[node], first_edge_into[node + 1]):
                    before = sources[edge]
                    last = start - latency[before]
                    if high[before] > last:
                        kin = kind[before]
                        shift = _mean(sums[kin], low[before], last) - _mean(sums[kin], low[before], high[before])
                        force += weight[kin] * shift
                if force < least:
                    least, chosen, chosen_start = force, node, start
            compared += high[node] - low[node] + 1
            if compared >= places:
                break
        _spread(-1.0, low[chosen], high[chosen], occupancy[kind[chosen]], row[kind[chosen]])
        low[chosen] = high[chosen] = chosen_start
        _spread(1.0, chosen_start, chosen_start, occupancy[kind[chosen]], row[kind[chosen]])
        stale[kind[chosen]] = True
        stack[0] = chosen
        stacked[chosen] = True
        height = 1
        while height > 0:
            height -= 1
            node = stack[height]
            stacked[node] = False
            for side in range(2):
                edges = first_edge if side == 0 else first_edge_into
                ends = targets if side == 0 else sources
                for edge in range(edges[node], edges[node + 1]):
                    other = ends[edge]
                    new_low, new_high = low[other], high[other]
                    if side == 0:
                        new_low = max(new_low, low[node] + latency[node])
                    else:
                        new_high = min(new_high, high[node] - latency[other])
                    if new_low > low[other] or new_high < high[other]:
                        kin = kind[other]
                        _spread(-1.0, low[other], high[other], occupancy[kin], row[kin])
                        low[other], high[other] = new_low, new_high
                        _spread(1.0, new_low, new_high, occupancy[kin], row[kin])
                        stale[kin] = True
                        if not stacked[other]:
                            stack[height] = other
                            stacked[other] = True
                            height += 1
        for own in range(types):
            if stale[own]:
                _sum_held(row[own], occupancy[own], sums[own])
                stale[own] = False
        kept = 0
        for place in range(count):
            if low[free[place]] < high[free[place]]:
                free[kept] = free[place]
                kept += 1
        count = kept
