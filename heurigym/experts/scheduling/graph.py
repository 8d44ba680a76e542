"""Precedence graphs as arrays: earliest and latest starts, and the nearest schedule that keeps every precedence.

An edge asks for ``start[target] - start[source] + distance * interval >= separation``. A graph without distances is
acyclic; with distances it repeats every ``interval`` steps, and cycles are allowed that have a positive distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from heurigym.experts.compiled import compiled

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Graph:
    """A precedence graph; use :meth:`of` to build one.

    Attributes:
        latency: steps from the start of each node to its result; shape (nodes,).
        source: first node of each edge; shape (edges,). Edges stand in a topological order of their sources, those
            with a distance left aside.
        target: second node of each edge.
        separation: least number of steps between the two starts: the latency of the source and what the edge adds.
        distance: number of repetitions that the edge spans.
        order: the nodes in that topological order.
    """

    latency: Ints
    source: Ints
    target: Ints
    separation: Ints
    distance: Ints
    order: Ints

    @classmethod
    def of(
        cls,
        latency: Sequence[int] | Ints,
        edges: Sequence[tuple[int, int]] | Ints,
        delay: Sequence[int] | Ints | None = None,
        distance: Sequence[int] | Ints | None = None,
    ) -> Graph:
        """The graph with these latencies and ``(source, target)`` pairs.

        Args:
            latency: steps of each node.
            edges: pairs of nodes; shape (edges, 2).
            delay: steps of each edge beyond the latency of its source; zero when absent.
            distance: repetitions that each edge spans; zero when absent.

        Raises:
            ValueError: the edges without distance have a cycle.
        """
        steps = np.asarray(latency, dtype=np.int64)
        pairs = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
        extra = np.zeros(len(pairs), np.int64) if delay is None else np.asarray(delay, dtype=np.int64)
        span = np.zeros(len(pairs), np.int64) if distance is None else np.asarray(distance, dtype=np.int64)
        order = _topological_order(len(steps), pairs[span == 0])
        rank = np.empty(len(steps), np.int64)
        rank[order] = np.arange(len(steps))
        sorted_edges = np.argsort(rank[pairs[:, 0]], kind="stable")
        source, target = pairs[sorted_edges].T
        source, target = np.ascontiguousarray(source), np.ascontiguousarray(target)
        return cls(steps, source, target, steps[source] + extra[sorted_edges], span[sorted_edges], order)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.latency)

    @cached_property
    def first_edge(self) -> Ints:
        """Where each node's edges begin among those sorted by source; shape (nodes + 1,)."""
        return _starts_of_groups(self.source, self.nodes)

    @cached_property
    def targets(self) -> Ints:
        """Targets of the edges sorted by source: node ``v`` has ``targets[first_edge[v] : first_edge[v + 1]]``."""
        return self.target[np.argsort(self.source, kind="stable")]

    @cached_property
    def first_edge_into(self) -> Ints:
        """Where each node's edges begin among those sorted by target; shape (nodes + 1,)."""
        return _starts_of_groups(self.target, self.nodes)

    @cached_property
    def sources(self) -> Ints:
        """Sources of the edges sorted by target."""
        return self.source[np.argsort(self.target, kind="stable")]

    @cached_property
    def critical_path(self) -> int:
        """The least number of steps in which all nodes finish; distances are ignored."""
        acyclic = self.distance == 0
        starts = np.zeros(self.nodes, np.int64)
        gap = self.separation[acyclic]
        _push_up(starts, self.source[acyclic], self.target[acyclic], gap, 2)
        return int((starts + self.latency).max(initial=0))

    def gaps(self, interval: int = 0) -> Ints:
        """The least ``start[target] - start[source]`` of each edge when the graph repeats every ``interval``."""
        return self.separation - self.distance * interval

    def earliest(self, interval: int = 0) -> Ints:
        """The earliest start of each node, none negative.

        Raises:
            ValueError: a cycle needs more than ``interval`` steps.
        """
        return self.pushed(np.zeros(self.nodes, np.int64), interval)

    def latest(self, horizon: int, interval: int = 0) -> Ints:
        """The latest start of each node such that all finish by ``horizon``.

        Raises:
            ValueError: as :meth:`earliest`.
        """
        mirrored = self.latency - horizon
        # In this order every edge out of a node comes before those into it, so one pass settles an acyclic graph.
        source, target, gap = (
            np.ascontiguousarray(column[::-1]) for column in (self.target, self.source, self.gaps(interval))
        )
        if not _push_up(mirrored, source, target, gap, self.nodes + 1):
            raise ValueError(f"a cycle of the graph does not fit into an interval of {interval}")
        return -mirrored

    def pushed(self, starts: Ints, interval: int = 0) -> Ints:
        """The least schedule that keeps all precedences and starts no node before ``starts``.

        At most as many passes over the edges as there are nodes; one pass when there are no distances.

        Raises:
            ValueError: a cycle needs more than ``interval`` steps.
        """
        moved = starts.astype(np.int64, copy=True)
        if not _push_up(moved, self.source, self.target, self.gaps(interval), self.nodes + 1):
            raise ValueError(f"a cycle of the graph does not fit into an interval of {interval}")
        return moved

    def legalised(self, means: Floats | Ints, horizon: int, interval: int = 0) -> Ints:
        """The schedule that rounds ``means`` and moves nodes later only as precedences ask, all within ``horizon``.

        Each start is first brought between the node's earliest and latest one. The latest starts keep every
        precedence, so pushing from below never exceeds them.

        Raises:
            ValueError: the graph does not fit into ``horizon``, or a cycle not into ``interval``.
        """
        earliest, latest = self.earliest(interval), self.latest(horizon, interval)
        if np.any(earliest > latest):
            raise ValueError(f"the graph does not fit into {horizon} steps")
        within = np.clip(np.nan_to_num(means), earliest, latest)
        return self.pushed(np.rint(within).astype(np.int64), interval)

    def keeps_precedence(self, starts: Ints, interval: int = 0) -> bool:
        """Whether ``starts`` keeps every precedence."""
        return bool(np.all(starts[self.target] - starts[self.source] >= self.gaps(interval)))


def _starts_of_groups(keys: Ints, groups: int) -> Ints:
    first = np.zeros(groups + 1, np.int64)
    np.cumsum(np.bincount(keys, minlength=groups), out=first[1:])
    return first


def _topological_order(nodes: int, pairs: Ints) -> Ints:
    first = _starts_of_groups(pairs[:, 0], nodes)
    targets = pairs[np.argsort(pairs[:, 0], kind="stable"), 1]
    order = _order(first, targets, np.bincount(pairs[:, 1], minlength=nodes))
    if len(order) < nodes:
        raise ValueError("the graph has a cycle of edges without distance")
    return order


@compiled
def _order(first: Ints, targets: Ints, missing: Ints) -> Ints:
    order = np.empty(len(missing), np.int64)
    end = 0
    for node in range(len(missing)):
        if missing[node] == 0:
            order[end] = node
            end += 1
    begin = 0
    while begin < end:
        node = order[begin]
        begin += 1
        for place in range(first[node], first[node + 1]):
            target = targets[place]
            missing[target] -= 1
            if missing[target] == 0:
                order[end] = target
                end += 1
    return order[:end]


@compiled
def _push_up(starts: Ints, source: Ints, target: Ints, gap: Ints, passes: int) -> bool:
    for _ in range(passes):
        changed = False
        for edge in range(len(source)):
            ready = starts[source[edge]] + gap[edge]
            if ready > starts[target[edge]]:
                starts[target[edge]] = ready
                changed = True
        if not changed:
            return True
    return False
