"""Bounds of modulo schedules: the least interval (MinII), and registers at an interval.

MinII = max(ResMII, RecMII) after B. R. Rau, Iterative modulo scheduling, 1994. All of it is exact.
"""

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import connected_components

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.modulo.loop import UNLIMITED, Ints, Loop


def resource_interval(loop: Loop) -> int:
    """ResMII: the least interval in which every resource has time for its operations, at least 1."""
    work = np.bincount(loop.kind, weights=loop.blocking, minlength=len(loop.units)).astype(np.int64)
    limited = loop.units != UNLIMITED
    if (work[limited & (loop.units == 0)] > 0).any():
        raise ValueError("a resource without units has operations")
    needed = [-(-int(cycles) // int(units)) for cycles, units in zip(work, loop.units, strict=True) if units > 0]
    return max([1, *needed])


def recurrence_interval(loop: Loop) -> int:
    """RecMII: the least interval with which no cycle of edges takes longer than its iterations, at least 1.

    Binary search on the interval, with Bellman-Ford's test for a positive cycle, in each strongly connected
    component.

    Raises:
        ValueError: a cycle of distance 0 takes time, so that no interval is possible.
    """
    result = 1
    for edges, count in _components(loop):
        source, target, weight, distance = edges
        if not has_positive_cycle(count, source, target, weight, distance, result):
            continue
        low, high = result, int(weight.sum())
        if has_positive_cycle(count, source, target, weight, distance, high):
            raise ValueError("a cycle of distance 0 takes time: no interval is possible")
        while high - low > 1:
            middle = (low + high) // 2
            if has_positive_cycle(count, source, target, weight, distance, middle):
                low = middle
            else:
                high = middle
        result = high
    return result


def least_interval(loop: Loop) -> int:
    """MinII: no modulo schedule has a smaller interval.

    Raises:
        ValueError: no interval is possible.
    """
    return max(resource_interval(loop), recurrence_interval(loop))


def _components(loop: Loop) -> list[tuple[tuple[Ints, Ints, Ints, Ints], int]]:
    """The edges (source, target, weight, distance) inside each strongly connected component, renumbered."""
    size = len(loop)
    if not len(loop.source):
        return []
    graph = scipy.sparse.coo_matrix((np.ones(len(loop.source)), (loop.source, loop.target)), (size, size))
    _, label = connected_components(graph.tocsr(), directed=True, connection="strong")
    inside = np.flatnonzero(label[loop.source] == label[loop.target])
    inside = inside[np.argsort(label[loop.source[inside]], kind="stable")]
    groups = np.split(inside, np.flatnonzero(np.diff(label[loop.source[inside]])) + 1)
    result = []
    for edges in groups:
        if not len(edges):
            continue
        members, ends = np.unique(np.concatenate([loop.source[edges], loop.target[edges]]), return_inverse=True)
        source, target = ends[: len(edges)].astype(np.int64), ends[len(edges) :].astype(np.int64)
        result.append(((source, target, loop.weight[edges], loop.distance[edges]), len(members)))
    return result


@compiled
def has_positive_cycle(count: int, source: Ints, target: Ints, weight: Ints, distance: Ints, interval: int) -> bool:
    """Whether some cycle has a positive sum of ``weight - interval * distance`` (Bellman-Ford)."""
    longest = np.zeros(count, np.int64)
    for _ in range(count + 1):
        changed = False
        for edge in range(len(source)):
            reach = longest[source[edge]] + weight[edge] - interval * distance[edge]
            if reach > longest[target[edge]]:
                longest[target[edge]] = reach
                changed = True
        if not changed:
            return False
    return True
