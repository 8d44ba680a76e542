"""The least cost of all choices without a memory limit, exactly and in integers, where the graph is narrow.

Nodes are eliminated one after the other, each into a table over its neighbours (U. Bertele and F. Brioschi,
Nonserial dynamic programming, 1972; R. Dechter, Bucket elimination, 1999), the node of the smallest table first.
"""

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heurigym.experts.sharding.arrays import Arrays, Integers

LARGEST_TABLE = 1_000_000
"""Most entries of a table, the strategies of the eliminated node counted in."""
LARGEST_SUM = 12_000_000
"""Most entries of all tables together."""

Table = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Step:
    """The elimination of one node.

    Attributes:
        node: the node.
        around: its neighbours at that time, in the order of the table's axes; the node itself is the last axis.
        edges: (place among ``around``, the edge) of each edge of the graph.
        earlier: (axes, step) of each earlier step whose table is over the node.
    """

    node: int
    around: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]
    earlier: tuple[tuple[tuple[int, ...], int], ...]


def plan(arrays: Arrays) -> list[Step] | None:
    """The order of elimination; ``None`` where tables would be too large."""
    nodes = len(arrays.first) - 1
    size = np.diff(arrays.first).tolist()
    around: list[set[int]] = [
        set(arrays.other[arrays.adjacent[node] : arrays.adjacent[node + 1]].tolist()) for node in range(nodes)
    ]
    edges: list[list[tuple[int, int]]] = [
        [
            (int(arrays.other[edge]), edge)
            for edge in range(int(arrays.adjacent[node]), int(arrays.adjacent[node + 1]))
        ]
        for node in range(nodes)
    ]
    holders: list[list[int]] = [[] for _ in range(nodes)]

    def entries(node: int) -> int:
        product = size[node]
        for other in around[node]:
            product *= size[other]
        return int(product)

    heap = [(entries(node), node) for node in range(nodes)]
    heapq.heapify(heap)
    done = [False] * nodes
    steps: list[Step] = []
    total = 0
    while heap:
        wanted, node = heapq.heappop(heap)
        if done[node] or wanted != entries(node):
            continue
        total += wanted
        if wanted > LARGEST_TABLE or total > LARGEST_SUM:
            return None
        done[node] = True
        scope = tuple(sorted(around[node]))
        axes = {other: axis for axis, other in enumerate((*scope, node))}
        earlier = tuple((tuple(axes[other] for other in steps[number].around), number) for number in holders[node])
        own = tuple((axes[other], edge) for other, edge in edges[node] if not done[other])
        for other in scope:
            holders[other] = [number for number in holders[other] if number not in holders[node]] + [len(steps)]
            around[other] |= around[node]
            around[other] -= {other, node}
        for other in scope:
            heapq.heappush(heap, (entries(other), other))
        steps.append(Step(node, scope, own, earlier))
    return steps


def least(arrays: Arrays, steps: list[Step], unary: Integers, pair: Integers) -> tuple[int, Integers]:
    """The least sum and a choice that has it.

    Args:
        arrays: the graph.
        steps: its plan.
        unary: cost of each strategy.
        pair: tables of the edges, in the places of ``arrays.pair``.
    """
    size = np.diff(arrays.first)
    tables: list[Table | None] = []
    answers: list[Integers] = []
    total = 0
    for step in steps:
        first = arrays.first[step.node]
        axes = len(step.around)
        table = np.zeros([*(int(size[other]) for other in step.around), int(size[step.node])], np.int64)
        table += unary[first : first + size[step.node]]
        for axis, edge in step.edges:
            block = _block(arrays, pair, edge, int(size[step.node]), int(size[step.around[axis]]))
            shape = [1] * (axes + 1)
            shape[axis], shape[axes] = block.shape
            table += block.reshape(shape)
        for places, number in step.earlier:
            part = tables[number]
            assert part is not None
            tables[number] = None
            order = np.argsort(places)
            shape = [1] * (axes + 1)
            for place in places:
                shape[place] = table.shape[place]
            table += part.transpose(order).reshape(shape)
        answer = table.argmin(axis=-1)
        answers.append(answer)
        best = table.min(axis=-1)
        if axes:
            tables.append(best)
        else:
            tables.append(None)
            total += int(best)
    chosen = np.zeros(len(size), np.int64)
    for step, answer in zip(reversed(steps), reversed(answers), strict=True):
        chosen[step.node] = answer[tuple(chosen[other] for other in step.around)]
    return total, chosen


def _block(arrays: Arrays, pair: Integers, edge: int, own: int, others: int) -> Table:
    """The table of an edge, the neighbour's strategies first."""
    at = int(arrays.table[edge])
    values = pair[at : at + own * others]
    block: Table = values.reshape(own, others).T if arrays.theirs[edge] == 1 else values.reshape(others, own)
    return block
