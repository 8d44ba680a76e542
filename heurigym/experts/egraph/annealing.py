"""Local search on the DAG cost: one needed class changes its node, reference counts tell what that costs.

A move drops what the old node alone needed and takes what the new node needs on top, as exact area recovery in
technology mapping does (Mishchenko et al. 2007), so its price depends on what changes and not on the size of the
program. Moves are accepted by simulated annealing.
"""

import math
import time
from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from heurigym.experts.compiled import compiled
from heurigym.experts.egraph.graph import UNCHOSEN, EGraph, Floats, Ints
from heurigym.experts.egraph.greedy import tree_choice, tree_greedy
from heurigym.experts.egraph.moves import anneal

_HOTTEST, _COLDEST = 1.0, 0.02
"""Temperatures of a round, in units of a typical node's cost."""


def class_components(graph: EGraph) -> Ints:
    """For each class its strongly connected component, or -1 where that is the class alone."""
    pairs = (np.ones(len(graph.children), dtype=np.int8), (graph.class_of[graph.edge_node], graph.children))
    size = graph.class_count
    _, labels = connected_components(csr_array(pairs, shape=(size, size)), directed=True, connection="strong")
    alone = np.bincount(labels)[labels] == 1
    return np.where(alone, -1, labels).astype(np.int64)


class Annealer:
    """Simulated annealing of extractions of one e-graph, whose self-loops must have been removed."""

    def __init__(self, graph: EGraph, seed: int) -> None:
        self._graph = graph
        self._costs, _ = graph.scaled_costs()
        self._components = class_components(graph)
        self._random = np.random.default_rng(seed)
        self._fallback = tree_greedy(graph)
        self._estimates = _marginal_estimates(graph, self._costs)

    def round(
        self,
        choice: Ints,
        moves: int,
        heat: float = 1.0,
        wisdom: float = 0.05,
        deadline: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> Ints:
        """The best choice found in about ``moves`` moves from ``choice``, with a falling temperature.

        ``heat`` scales the temperature; 0 accepts improvements and ties alone. ``wisdom`` is the share of moves in
        which classes that become needed choose anew and not as before. The round ends at ``deadline``.
        """
        current = np.where(choice == UNCHOSEN, self._fallback, choice)
        best = current.copy()
        unit = self._typical_cost(current)
        chunk = max(1, min(moves // 20, 50_000))
        begin = clock()
        share = 0.0
        while share < 1.0:
            temperature = heat * unit * _HOTTEST * (_COLDEST / _HOTTEST) ** share
            anneal(
                self._graph.first,
                self._graph.child_start,
                self._graph.children,
                self._graph.class_of,
                *self._graph.users,
                self._graph.roots,
                self._costs,
                self._estimates,
                self._components,
                current,
                best,
                temperature,
                wisdom,
                chunk,
                int(self._random.integers(1 << 31)),
            )
            share += chunk / moves
            if clock() >= deadline:
                break
            if deadline < math.inf:
                share = max(share, (clock() - begin) / (deadline - begin))
        return best

    def _typical_cost(self, choice: Ints) -> float:
        paid = np.abs(self._costs[choice[self._graph.needed(choice)]])
        paid = paid[paid > 0]
        return float(np.median(paid)) if len(paid) else 1.0


def _marginal_estimates(graph: EGraph, costs: Ints) -> Floats:
    """What each class is likely to cost on top of others: its tree cost, less where many nodes could share it."""
    choice, order = tree_choice(graph)
    discount = np.sqrt(np.maximum(1, np.diff(graph.users[0])))
    return _shared_costs(graph.child_start, graph.children, costs, choice, order, discount)


@compiled
def _shared_costs(
    child_start: Ints, children: Ints, costs: Ints, choice: Ints, order: Ints, discount: Floats
) -> Floats:
    value = np.zeros(len(choice))
    for current in order:
        node = choice[current]
        total = float(costs[node])
        for index in range(child_start[node], child_start[node + 1]):
            total += value[children[index]]
        value[current] = total / discount[current]
    return value
