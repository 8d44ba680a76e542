"""List scheduling of data-flow graphs: the schedules that instances and the baseline are measured with.

A graph is held as integers: node v has type ``kind[v]``; a type k has ``delay[k]`` and ``units[k]``.
"""

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Graph:
    """A data-flow graph with integer nodes and types.

    Attributes:
        kind: type of each node.
        successors: targets of each node's edges.
        predecessors: sources of each node's edges.
        delay: cycles of each type.
        units: units of each type.
    """

    kind: Sequence[int]
    successors: Sequence[Sequence[int]]
    predecessors: Sequence[Sequence[int]]
    delay: Sequence[int]
    units: Sequence[int]

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Graph":
        """The graph of an instance file's content; nodes are numbered in the file's order."""
        types = sorted(content["delay"])
        type_index = {name: index for index, name in enumerate(types)}
        node_index = {str(node): index for index, (node, _) in enumerate(content["nodes"])}
        successors: list[list[int]] = [[] for _ in node_index]
        predecessors: list[list[int]] = [[] for _ in node_index]
        for source, target in {
            (node_index[str(edge[0])], node_index[str(edge[1])]): 0 for edge in content["edges"]
        }:
            successors[source].append(target)
            predecessors[target].append(source)
        return cls(
            [type_index[kind] for _, kind in content["nodes"]],
            successors,
            predecessors,
            [content["delay"][name] for name in types],
            [content["resource"][name] for name in types],
        )

    def __len__(self) -> int:
        return len(self.kind)

    @cached_property
    def duration(self) -> list[int]:
        """Cycles of each node."""
        return [self.delay[kind] for kind in self.kind]

    @cached_property
    def reverse(self) -> "Graph":
        """The graph with every edge turned round."""
        return Graph(self.kind, self.predecessors, self.successors, self.delay, self.units)

    @cached_property
    def order(self) -> list[int]:
        """The nodes in a topological order.

        Raises:
            ValueError: the graph has a cycle.
        """
        missing = [len(sources) for sources in self.predecessors]
        order = [node for node, count in enumerate(missing) if not count]
        for node in order:
            for target in self.successors[node]:
                missing[target] -= 1
                if not missing[target]:
                    order.append(target)
        if len(order) != len(self):
            raise ValueError("the graph has a cycle")
        return order

    @cached_property
    def tail(self) -> list[int]:
        """Length of the longest path from each node to the end, the node itself included."""
        tail = self.duration.copy()
        for node in reversed(self.order):
            tail[node] += max((tail[target] for target in self.successors[node]), default=0)
        return tail

    @cached_property
    def head(self) -> list[int]:
        """Earliest start of each node with unlimited units."""
        return [length - cycles for length, cycles in zip(self.reverse.tail, self.duration, strict=True)]

    @cached_property
    def bound(self) -> int:
        """A lower bound on the latency: the longest path, and each type alone between its heads and tails."""
        bound = max(self.tail, default=0)
        for kind, units in enumerate(self.units):
            jobs = [
                (self.head[node], self.tail[node] - self.duration[node])
                for node, own in enumerate(self.kind)
                if own == kind
            ]
            bound = max(bound, _type_bound(jobs, self.delay[kind], units))
        return bound


def _type_bound(jobs: Sequence[tuple[int, int]], delay: int, units: int, thresholds: int = 16) -> int:
    """Least latency of equally long jobs (earliest start, cycles that follow) on equal units.

    For some thresholds q, the jobs that at least q cycles follow are scheduled first come, first served, which is
    optimal for them without their precedence; q more cycles follow.
    """
    following = sorted({rest for _, rest in jobs})
    step = max(1, len(following) // thresholds)
    return max(
        (
            _first_come_first_served(sorted(head for head, rest in jobs if rest >= least), delay, units) + least
            for least in following[::step]
        ),
        default=0,
    )


def _first_come_first_served(heads: Sequence[int], delay: int, units: int) -> int:
    free = [0] * units
    end = 0
    for head in heads:
        end = max(heapq.heapreplace(free, max(free[0], head) + delay), head) + delay
    return end


def latency(graph: Graph, starts: Sequence[int]) -> int:
    """The cycle in which the last node has finished."""
    return max((start + cycles for start, cycles in zip(starts, graph.duration, strict=True)), default=0)


def parallel_schedule(graph: Graph, priority: Sequence[float]) -> list[int]:
    """List scheduling: at each point in time, free units take the ready nodes of the highest priority.

    Ties go to the node that comes first in the graph.
    """
    kinds = len(graph.units)
    duration, kind = graph.duration, graph.kind
    missing = [len(sources) for sources in graph.predecessors]
    ready: list[list[tuple[float, int]]] = [[] for _ in range(kinds)]
    for node, count in enumerate(missing):
        if not count:
            ready[kind[node]].append((-priority[node], node))
    for queue in ready:
        heapq.heapify(queue)
    free = list(graph.units)
    starts = [0] * len(graph)
    running: list[tuple[int, int]] = []
    now = 0
    while True:
        for index in range(kinds):
            queue = ready[index]
            while queue and free[index]:
                _, node = heapq.heappop(queue)
                free[index] -= 1
                starts[node] = now
                heapq.heappush(running, (now + duration[node], node))
        if not running:
            return starts
        now = running[0][0]
        while running and running[0][0] == now:
            _, node = heapq.heappop(running)
            free[kind[node]] += 1
            for target in graph.successors[node]:
                missing[target] -= 1
                if not missing[target]:
                    heapq.heappush(ready[kind[target]], (-priority[target], target))


def serial_schedule(graph: Graph, order: Sequence[int]) -> list[int]:
    """Each node of a topological ``order`` in turn, at the earliest cycle that precedence and units allow."""
    used: list[dict[int, int]] = [{} for _ in graph.units]
    following: list[dict[int, int]] = [{} for _ in graph.units]
    starts = [0] * len(graph)
    duration, kind = graph.duration, graph.kind
    for node in order:
        earliest = max((starts[source] + duration[source] for source in graph.predecessors[node]), default=0)
        own = kind[node]
        start = _place(used[own], following[own], earliest, duration[node], graph.units[own])
        starts[node] = start
    return starts


def _place(used: dict[int, int], following: dict[int, int], earliest: int, cycles: int, units: int) -> int:
    start = _next_free(following, earliest)
    cycle = start
    while cycle < start + cycles:
        free = _next_free(following, cycle)
        if free != cycle:
            start = cycle = free
        else:
            cycle += 1
    for cycle in range(start, start + cycles):
        used[cycle] = used.get(cycle, 0) + 1
        if used[cycle] == units:
            following[cycle] = cycle + 1
    return start


def _next_free(following: dict[int, int], cycle: int) -> int:
    """The first cycle from ``cycle`` on with a free unit: union-find with path halving over full cycles."""
    while cycle in following:
        after = following[cycle]
        if after in following:
            following[cycle] = following[after]
        cycle = after
    return cycle


def random_order(graph: Graph, source: random.Random) -> list[int]:
    """A topological order that takes one of the ready nodes at random each time."""
    missing = [len(sources) for sources in graph.predecessors]
    ready = [node for node, count in enumerate(missing) if not count]
    order = []
    while ready:
        index = source.randrange(len(ready))
        ready[index], ready[-1] = ready[-1], ready[index]
        node = ready.pop()
        order.append(node)
        for target in graph.successors[node]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return order


def justified(graph: Graph, starts: Sequence[int], passes: int) -> list[int]:
    """The best of ``passes`` forward-backward passes from a schedule.

    Each pass schedules the turned graph in the order of the finish times so far, latest first (Li and Willis
    1992; Valls, Ballestin and Quintanilla 2005).
    """
    best = list(starts)
    best_latency = latency(graph, best)
    current, current_graph = best, graph
    for index in range(passes):
        finish = [start + cycles for start, cycles in zip(current, graph.duration, strict=True)]
        current_graph = graph.reverse if index % 2 == 0 else graph
        current = parallel_schedule(current_graph, finish)
        value = latency(current_graph, current)
        if value < best_latency:
            best_latency = value
            best = (
                current
                if current_graph is graph
                else [value - start - cycles for start, cycles in zip(current, graph.duration, strict=True)]
            )
    return best


def critical_path_schedule(graph: Graph) -> list[int]:
    """One pass of list scheduling with the longest path to the end as priority."""
    return parallel_schedule(graph, graph.tail)
