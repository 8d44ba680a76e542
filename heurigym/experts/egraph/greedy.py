"""Bottom-up extraction by tree cost and by DAG cost."""

import heapq
import time
from collections.abc import Callable

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.egraph.graph import UNCHOSEN, EGraph, Floats, Ints, Mask

_STEPS_BETWEEN_CLOCKS = 20_000_000


def tree_greedy(graph: EGraph) -> Ints:
    """The choice with the least tree cost in every class, where a class used twice is paid for twice.

    Knuth's generalisation of Dijkstra's algorithm (1977); what egg's default extractor computes. Negative costs
    count as 0 for the order in which classes are settled, so that the choice never has a cycle.
    """
    return tree_choice(graph)[0]


def tree_choice(graph: EGraph) -> tuple[Ints, Ints]:
    """The choice of :func:`tree_greedy` and the extractable classes, each after those that its node needs."""
    start, users = graph.users
    costs = np.array([max(0.0, float(cost)) for cost in graph.costs])
    return _tree(graph.first, graph.child_start, graph.children, graph.class_of, start, users, costs)


def dag_greedy(graph: EGraph, seed: int, deadline: float, clock: Callable[[], float] = time.monotonic) -> Ints:
    """A choice that is improved class by class by the cost of the whole DAG below each class.

    The worklist algorithm of the extraction-gym's faster-greedy-dag, except that a candidate is costed on what its
    children choose now and not on a stored set. It begins with the tree-cost choice; the order in which nodes are
    tried is random, and changes the result. It stops early when ``clock`` passes ``deadline``.
    """
    choice = tree_greedy(graph)
    start, users = graph.users
    costs, _ = graph.scaled_costs()
    order = np.random.default_rng(seed).permutation(graph.node_count).astype(np.int64)
    queue = np.zeros(graph.node_count + 1, dtype=np.int64)
    queue[: graph.node_count] = order
    queued = np.ones(graph.node_count, dtype=np.bool_)
    ends = np.array([0, graph.node_count], dtype=np.int64)
    values = np.full(graph.class_count, -1, dtype=np.int64)
    stamp = np.zeros(graph.class_count + 1, dtype=np.int64)
    while ends[0] != ends[1] and clock() < deadline:
        _improve_by_dag_cost(
            graph.first,
            graph.child_start,
            graph.children,
            graph.class_of,
            start,
            users,
            costs,
            graph.has_negative_costs,
            choice,
            values,
            queue,
            queued,
            ends,
            stamp,
            _STEPS_BETWEEN_CLOCKS,
        )
    return choice


def node_dag_costs(graph: EGraph, choice: Ints) -> Ints:
    """For every node its scaled cost with everything below it under ``choice``; 2**62 where that has a cycle."""
    costs, _ = graph.scaled_costs()
    return _all_dag_costs(graph.child_start, graph.children, graph.class_of, costs, choice, graph.class_count)


@compiled
def _tree(
    first: Ints, child_start: Ints, children: Ints, class_of: Ints, start: Ints, users: Ints, costs: Floats
) -> tuple[Ints, Ints]:
    choice = np.full(len(first) - 1, UNCHOSEN, dtype=np.int64)
    order = np.empty(len(first) - 1, dtype=np.int64)
    settled = 0
    missing = child_start[1:] - child_start[:-1]
    total = costs.copy()
    heap = [(0.0, np.int64(-1))]  # tells the compiler the type of an entry
    heapq.heappop(heap)
    for leaf in range(len(costs)):
        if missing[leaf] == 0:
            heapq.heappush(heap, (total[leaf], np.int64(leaf)))
    while len(heap) > 0:
        cost, node = heapq.heappop(heap)
        owner = class_of[node]
        if choice[owner] != UNCHOSEN:
            continue
        choice[owner] = node
        order[settled] = owner
        settled += 1
        for index in range(start[owner], start[owner + 1]):
            user = users[index]
            missing[user] -= 1
            total[user] += cost
            if missing[user] == 0 and choice[class_of[user]] == UNCHOSEN:
                heapq.heappush(heap, (total[user], user))
    return choice, order[:settled]


@compiled
def _dag_cost(
    node: int,
    owner: int,
    child_start: Ints,
    children: Ints,
    costs: Ints,
    choice: Ints,
    limit: int,
    stamp: Ints,
    stack: Ints,
) -> tuple[int, int]:
    """Cost of a node with all below it, or ``limit`` when it is no less or has a cycle; and the number of steps."""
    stamp[-1] += 1
    mark = stamp[-1]
    total = costs[node]
    top = 0
    steps = 1
    current = node
    while True:
        for index in range(child_start[current], child_start[current + 1]):
            child = children[index]
            if child == owner:
                return limit, steps
            if stamp[child] != mark:
                stamp[child] = mark
                if choice[child] == UNCHOSEN:
                    return limit, steps
                stack[top] = child
                top += 1
                total += costs[choice[child]]
                steps += 1
        if total >= limit or top == 0:
            return min(total, limit), steps
        top -= 1
        current = choice[stack[top]]


@compiled
def _improve_by_dag_cost(
    first: Ints,
    child_start: Ints,
    children: Ints,
    class_of: Ints,
    start: Ints,
    users: Ints,
    costs: Ints,
    negative: bool,
    choice: Ints,
    values: Ints,
    queue: Ints,
    queued: Mask,
    ends: Ints,
    stamp: Ints,
    budget: int,
) -> None:
    infinite = 1 << 62
    stack = np.empty(len(choice), dtype=np.int64)
    steps = 0
    while ends[0] != ends[1] and steps < budget:
        node = queue[ends[0]]
        ends[0] = (ends[0] + 1) % len(queue)
        queued[node] = False
        owner = class_of[node]
        if values[owner] < 0 or negative:
            own = choice[owner]
            if own == UNCHOSEN:
                values[owner] = infinite
            else:
                own_value, done = _dag_cost(
                    own, owner, child_start, children, costs, choice, infinite, stamp, stack
                )
                values[owner] = own_value
                steps += done
        if node == choice[owner]:
            continue
        # With negative costs the running sum is no lower bound, so the limit must not cut the sum short.
        limit = infinite if negative else values[owner]
        value, done = _dag_cost(node, owner, child_start, children, costs, choice, limit, stamp, stack)
        steps += done
        if value < values[owner]:
            choice[owner] = node
            values[owner] = value
            for index in range(start[owner], start[owner + 1]):
                user = users[index]
                if not queued[user]:
                    queued[user] = True
                    queue[ends[1]] = user
                    ends[1] = (ends[1] + 1) % len(queue)


@compiled
def _all_dag_costs(
    child_start: Ints, children: Ints, class_of: Ints, costs: Ints, choice: Ints, classes: int
) -> Ints:
    result = np.empty(len(costs), dtype=np.int64)
    stamp = np.zeros(classes + 1, dtype=np.int64)
    stack = np.empty(classes, dtype=np.int64)
    infinite = 1 << 62
    for node in range(len(costs)):
        result[node], _ = _dag_cost(
            node, class_of[node], child_start, children, costs, choice, infinite, stamp, stack
        )
    return result
