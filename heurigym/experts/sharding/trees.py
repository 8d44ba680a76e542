"""Exact minimisation along an induced tree of the graph while all other nodes keep their strategies.

A tree that has no edge but its own among its nodes is solved by dynamic programming from its leaves to its root, in
time linear in its tables. F. Hamze and N. de Freitas, From fields to trees (UAI 2004), sample along such trees.
"""

from typing import NamedTuple

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.sharding.arrays import Arrays, Floats, Integers


class Forest(NamedTuple):
    """Room for one tree, and what is left of it after its minimisation.

    Attributes:
        node: the nodes of the tree, each after its parent.
        parent: of each of them, the place of its parent in ``node``; -1 for the root.
        link: of each of them, the place in the adjacency of the node at which its parent is; -1 for the root.
        stamp: of each node of the graph, the number of the last tree that it was in.
        touch: of each node, how often it is next to a tree, counted for tree ``touched``.
        touched: see ``touch``.
        queue: pairs (node, place of the parent), one after the other, that may be appended.
        value: of each place, where its strategies begin in ``theta``.
        theta: least cost of the subtree for each strategy of its root.
        answer: of each place, where its answers begin in ``reply``.
        reply: best strategy of a node for each strategy of its parent.
        fresh: of each place, the strategy that the minimisation chose.
        group: of each place, the number of its component of changed nodes; -1 where nothing changed.
    """

    node: Integers
    parent: Integers
    link: Integers
    stamp: Integers
    touch: Integers
    touched: Integers
    queue: Integers
    value: Integers
    theta: Floats
    answer: Integers
    reply: Integers
    fresh: Integers
    group: Integers


def new_forest(arrays: Arrays) -> Forest:
    """Room for trees of any size of the graph."""
    nodes = len(arrays.first) - 1
    counts = np.diff(arrays.first)
    largest = int(counts.max(initial=1))

    def zeros(size: int) -> Integers:
        return np.zeros(size, np.int64)

    return Forest(
        zeros(nodes),
        zeros(nodes),
        zeros(nodes),
        np.full(nodes, -1, np.int64),
        zeros(nodes),
        np.full(nodes, -1, np.int64),
        zeros(2 * (len(arrays.other) + 1)),
        zeros(nodes + 1),
        np.zeros(int(arrays.first[-1])),
        zeros(nodes + 1),
        zeros(nodes * largest),
        zeros(nodes),
        zeros(nodes),
    )


@compiled
def grow(arrays: Arrays, forest: Forest, root: int, number: int, size: int, breadth: float) -> int:
    """Grow an induced tree of at most ``size`` nodes around ``root``; how many it has.

    Args:
        arrays: the problem.
        forest: where the tree is put.
        root: its root.
        number: a number that no tree had before.
        size: most nodes.
        breadth: share of steps that take the oldest candidate and not any one.
    """
    node, parent, link = forest.node, forest.parent, forest.link
    queue, stamp, touch, touched = forest.queue, forest.stamp, forest.touch, forest.touched
    head = tail = count = 0
    here, place, edge = root, -1, -1
    while True:
        node[count], parent[count], link[count] = here, place, edge
        stamp[here] = number
        begin, end = arrays.adjacent[here], arrays.adjacent[here + 1]
        shift = np.random.randint(end - begin) if end > begin else 0
        for step in range(end - begin):
            index = begin + step + shift
            if index >= end:
                index -= end - begin
            other = arrays.other[index]
            if touched[other] != number:
                touched[other] = number
                touch[other] = 0
            touch[other] += 1
            if stamp[other] != number:
                queue[2 * tail], queue[2 * tail + 1] = other, count
                tail += 1
        count += 1
        if count == size:
            return count
        found = False
        while head < tail and not found:
            if np.random.random() > breadth:
                pick = np.random.randint(head, tail)
                for part in range(2):
                    kept = queue[2 * head + part]
                    queue[2 * head + part] = queue[2 * pick + part]
                    queue[2 * pick + part] = kept
            here, place = queue[2 * head], queue[2 * head + 1]
            head += 1
            found = stamp[here] != number and touch[here] == 1
        if not found:
            return count
        above = node[place]
        edge = arrays.adjacent[here]
        while arrays.other[edge] != above:
            edge += 1


@compiled
def minimise(
    arrays: Arrays, forest: Forest, chosen: Integers, priced: Floats, number: int, count: int, forced: int
) -> None:
    """Put into ``fresh`` the cheapest strategies of the tree's nodes.

    Args:
        arrays: the problem.
        forest: the tree.
        chosen: the strategy of each node.
        priced: cost of each strategy with the price of its memory.
        number: the tree's number.
        count: its nodes.
        forced: the strategy that the root must take; -1 for any.
    """
    node, parent, link, theta, reply = forest.node, forest.parent, forest.link, forest.theta, forest.reply
    value, answer = forest.value, forest.answer
    value[0] = answer[0] = 0
    for place in range(count):
        here = node[place]
        first, size = arrays.first[here], arrays.first[here + 1] - arrays.first[here]
        base = value[place]
        value[place + 1] = base + size
        for index in range(size):
            theta[base + index] = priced[first + index]
        for edge in range(arrays.adjacent[here], arrays.adjacent[here + 1]):
            other = arrays.other[edge]
            if forest.stamp[other] != number:
                at = arrays.table[edge] + chosen[other] * arrays.theirs[edge]
                step = arrays.mine[edge]
                for index in range(size):
                    theta[base + index] += arrays.pair[at + index * step]
        if place:
            above = node[parent[place]]
            answer[place + 1] = answer[place] + arrays.first[above + 1] - arrays.first[above]
        else:
            answer[1] = 0
    for place in range(count - 1, 0, -1):
        edge, above = link[place], parent[place]
        base, up = value[place], value[above]
        size, wide = value[place + 1] - base, value[above + 1] - up
        step, stride, table = arrays.mine[edge], arrays.theirs[edge], arrays.table[edge]
        for index in range(wide):
            at = table + index * stride
            least, best = theta[base] + arrays.pair[at], 0
            for own in range(1, size):
                total = theta[base + own] + arrays.pair[at + own * step]
                if total < least:
                    least, best = total, own
            theta[up + index] += least
            reply[answer[place] + index] = best
    best = forced
    if best < 0:
        best = 0
        for index in range(1, value[1]):
            if theta[index] < theta[best]:
                best = index
    forest.fresh[0] = best
    for place in range(1, count):
        forest.fresh[place] = reply[answer[place] + forest.fresh[parent[place]]]


@compiled
def components(forest: Forest, chosen: Integers, count: int) -> int:
    """Number the components of changed nodes of a minimised tree in ``group``; how many there are.

    No edge of the graph joins two of them, so that their changes of cost add up.
    """
    groups = 0
    for place in range(count):
        forest.group[place] = -1
        if forest.fresh[place] != chosen[forest.node[place]]:
            above = forest.parent[place]
            if above >= 0 and forest.group[above] >= 0:
                forest.group[place] = forest.group[above]
            else:
                forest.group[place] = groups
                groups += 1
    return groups


@compiled
def change_of_cost(arrays: Arrays, forest: Forest, chosen: Integers, number: int, place: int) -> float:
    """What the cost changes by when one place of a minimised tree takes its fresh strategy after its parent."""
    here = forest.node[place]
    old, new = chosen[here], forest.fresh[place]
    first = arrays.first[here]
    change = arrays.cost[first + new] - arrays.cost[first + old]
    for edge in range(arrays.adjacent[here], arrays.adjacent[here + 1]):
        at = arrays.table[edge] + chosen[arrays.other[edge]] * arrays.theirs[edge]
        change += arrays.pair[at + new * arrays.mine[edge]] - arrays.pair[at + old * arrays.mine[edge]]
    return float(change)
