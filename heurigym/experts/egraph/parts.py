"""Exact solving of parts: pruning of nodes that look dear, and neighbourhoods of a solution."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from heurigym.experts.egraph.answers import Answer
from heurigym.experts.egraph.graph import EGraph, Ints, Mask
from heurigym.experts.egraph.greedy import dag_greedy, node_dag_costs
from heurigym.experts.egraph.reduction import closed, everything, extend_choice, reduced

Solver = Callable[..., Answer]
"""``solve(graph, seconds, clock=...)`` of the modules ``highs`` and ``cpsat``."""


def pruned_nodes(graph: EGraph, choice: Ints, theta: float) -> Mask:
    """The nodes whose DAG cost is at most ``theta`` times the least of their class, and those of ``choice``.

    The adaptive pruning of e-boost (2025); its costs are those under ``choice``.
    """
    if math.isinf(theta):
        return everything(graph)
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


def solve_part(graph: EGraph, mask: Mask, seconds: float, solve: Solver, clock: Callable[[], float]) -> Answer:
    """What ``solve`` finds among the nodes of ``mask``."""
    part, nodes = reduced(graph, mask)
    answer = solve(part, seconds, clock=clock)
    if answer.choice is None:
        return answer
    return replace(answer, choice=extend_choice(graph, nodes, answer.choice))


def eboost(
    graph: EGraph,
    theta: float,
    seconds: float,
    solve: Solver,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """e-boost's recipe alone: greedy by DAG cost, pruning at ``theta`` around it, exact solving of what is left.

    The answer's choice is never worse than the greedy one; its bound holds for the pruned e-graph alone.
    """
    begin = clock()
    small, nodes = reduced(graph)
    greedy = dag_greedy(small, seed, clock() + 0.1 * seconds, clock)
    cost = small.cost_of(greedy)
    found = [(clock() - begin, float(cost))]
    pruned = pruned_nodes(small, greedy, theta)
    before = clock() - begin
    answer = solve_part(small, pruned, seconds - before, solve, clock)
    best = greedy
    if answer.choice is not None and small.cost_of(answer.choice) < cost:
        best = answer.choice
    found += [(before + when, value) for when, value in answer.found if value < cost]
    return replace(answer, choice=extend_choice(graph, nodes, best), found=found)
