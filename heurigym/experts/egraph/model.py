"""The integer program of extraction, as linear rows that HiGHS and CP-SAT both take.

Variables: one for each node (chosen or not), one for each class (needed or not), and a level for each class that
can be on a cycle. The formulation is e-boost's (2025) with three changes: one row for each pair of a class and a
child class in place of one for each node, levels inside strongly connected components only, and, where a cost is
negative, rows that keep a class out that nothing needs.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heurigym.experts.egraph.annealing import class_components
from heurigym.experts.egraph.graph import UNCHOSEN, EGraph, Ints, Mask


@dataclass(frozen=True)
class Model:
    """The pairs of classes that the integer program of an e-graph has rows for.

    Attributes:
        graph: the e-graph.
        plain: one row for each child of each node, and levels for every class, as published; else as above.
    """

    graph: EGraph
    plain: bool = False

    @cached_property
    def edge_row(self) -> Ints:
        """For each entry of ``graph.children`` the pair that it belongs to."""
        return self._pairs[0]

    @cached_property
    def pair_class(self) -> Ints:
        """The class of the nodes of each pair."""
        return self._pairs[1]

    @cached_property
    def pair_child(self) -> Ints:
        """The child class of each pair."""
        return self._pairs[2]

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        graph = self.graph
        owner = graph.class_of[graph.edge_node]
        if self.plain:
            return np.arange(len(owner), dtype=np.int64), owner, graph.children
        keys, row = np.unique(owner * graph.class_count + graph.children, return_inverse=True)
        return row.astype(np.int64), keys // graph.class_count, keys % graph.class_count

    @cached_property
    def component(self) -> Ints:
        """The part of the e-graph in which a class has a level, or -1 where it needs none."""
        if self.plain:
            return np.zeros(self.graph.class_count, dtype=np.int64)
        return class_components(self.graph)

    @cached_property
    def levels(self) -> Ints:
        """Number of levels in the part of each class."""
        if not (self.component >= 0).any():
            return np.zeros(self.graph.class_count, dtype=np.int64)
        sizes = np.bincount(self.component[self.component >= 0])
        return np.where(self.component >= 0, sizes[self.component], 0).astype(np.int64)

    @cached_property
    def cyclic_pairs(self) -> Ints:
        """The pairs that can be on a cycle."""
        component = self.component
        inside = (component[self.pair_class] >= 0) & (component[self.pair_class] == component[self.pair_child])
        return np.flatnonzero(inside)

    @cached_property
    def is_root(self) -> Mask:
        """Whether each class is a root."""
        result = np.zeros(self.graph.class_count, dtype=bool)
        result[self.graph.roots] = True
        return result

    def levels_of(self, choice: Ints) -> Ints:
        """Levels that fit a choice: a child's is higher than that of the class that needs it."""
        graph, component = self.graph, self.component
        needed = graph.needed(choice)
        waiting = dict.fromkeys(needed, 0)
        for current in needed:
            for child in graph.children_of(int(choice[current])).tolist():
                waiting[child] += 1
        order = [current for current in needed if not waiting[current]]
        level = np.zeros(graph.class_count, dtype=np.int64)
        for current in order:
            for child in graph.children_of(int(choice[current])).tolist():
                if component[child] >= 0 and component[child] == component[current]:
                    level[child] = max(level[child], level[current] + 1)
                waiting[child] -= 1
                if not waiting[child]:
                    order.append(child)
        return level


def choice_from(graph: EGraph, chosen: Mask) -> Ints:
    """The choice in which the nodes of ``chosen`` are chosen."""
    choice = np.full(graph.class_count, UNCHOSEN, dtype=np.int64)
    nodes = np.flatnonzero(chosen)
    choice[graph.class_of[nodes]] = nodes
    return choice
