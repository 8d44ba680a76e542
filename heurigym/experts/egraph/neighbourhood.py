"""Improvement by exact solving of parts: large-neighbourhood search, and pruning of nodes that look dear."""

import random

import numpy as np

from heurigym.experts.egraph.graph import EGraph, Ints, Mask
from heurigym.experts.egraph.greedy import node_dag_costs
from heurigym.experts.egraph.reduction import closed


def pruned_nodes(graph: EGraph, choice: Ints, theta: float) -> Mask:
    """The nodes whose DAG cost is at most ``theta`` times the least of their class, and those of ``choice``.

    The adaptive pruning of e-boost (2025); its costs are those under ``choice``.
    """
    costs = node_dag_costs(graph, choice).astype(float)
    least = np.minimum.reduceat(costs, graph.first[:-1])[graph.class_of]
    slack = (theta - 1.0) * np.abs(least)
    mask = costs <= least + slack + 1e-9
    mask[choice[graph.needed(choice)]] = True
    return closed(graph, mask)


def free_neighbourhood(graph: EGraph, choice: Ints, classes: int, source: random.Random) -> Mask:
    """The nodes of about ``classes`` classes around a random needed one, and the other chosen ones.

    A class is around another when a node of one has the other as a child; neighbours come in random order.
    """
    start, users = graph.users
    needed = graph.needed(choice)
    is_needed = np.zeros(graph.class_count, dtype=bool)
    is_needed[needed] = True
    free = {source.choice(needed)}
    queue = list(free)
    while queue and len(free) < classes:
        current = queue.pop(source.randrange(len(queue)))
        below = [graph.children_of(node) for node in range(graph.first[current], graph.first[current + 1])]
        above = graph.class_of[users[start[current] : start[current + 1]]]
        around = np.unique(np.concatenate([*below, above[is_needed[above]]])).tolist()
        source.shuffle(around)
        for other in around[: max(8, classes // 8)]:
            if other not in free and len(free) < classes:
                free.add(other)
                queue.append(other)
    mask = np.zeros(graph.node_count, dtype=bool)
    mask[choice[needed]] = True
    for current in free:
        mask[graph.first[current] : graph.first[current + 1]] = True
    return closed(graph, mask)
