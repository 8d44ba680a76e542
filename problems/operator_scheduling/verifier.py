"""Verifier of operator scheduling: precedence and units, in time that does not depend on the start cycles."""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heurigym.problems import Infeasible, listed, listed_sentences, read_starts, verifier


@dataclass(frozen=True, slots=True)
class Graph:
    """A data-flow graph and the hardware that it runs on.

    Attributes:
        types: the type of each node.
        edges: (source, target) of each edge.
        delay: cycles that an operation of a type takes.
        units: number of units of a type.
    """

    types: Mapping[str, str]
    edges: Sequence[tuple[str, str]]
    delay: Mapping[str, int]
    units: Mapping[str, int]


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The latency of a feasible schedule, in cycles.

    Raises:
        ValueError, KeyError: the instance is corrupt.
    """
    graph = read_graph(instance[0])
    starts = read_starts(solution, graph.types)
    check_not_negative(starts)
    finishes = {node: start + graph.delay[graph.types[node]] for node, start in starts.items()}
    check_precedence(graph, starts, finishes)
    check_units(graph, starts)
    return max(finishes.values(), default=0)


def read_graph(path: Path) -> Graph:
    """The graph in an instance file.

    Raises:
        ValueError, KeyError: the file is corrupt.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    types = {str(node): kind for node, kind in content["nodes"]}
    if len(types) != len(content["nodes"]):
        raise ValueError(f"{path}: nodes: an id is there twice")
    edges = [(str(edge[0]), str(edge[1])) for edge in content["edges"]]
    return Graph(types, edges, content["delay"], content["resource"])


def check_not_negative(starts: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if a start is negative."""
    offenders = [f"{node}:{start}" for node, start in starts.items() if start < 0]
    if offenders:
        raise Infeasible(f"{len(offenders)} nodes start before cycle 0: {listed(offenders)}")


def check_precedence(graph: Graph, starts: Mapping[str, int], finishes: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if a node starts before one of its inputs is ready."""
    offenders = [
        f"{target} starts in cycle {starts[target]} but its input {source} is ready in cycle {finishes[source]}"
        for source, target in graph.edges
        if finishes[source] > starts[target]
    ]
    if offenders:
        raise Infeasible(
            f"precedence is violated on {len(offenders)} of {len(graph.edges)} edges: {listed_sentences(offenders)}"
        )


def check_units(graph: Graph, starts: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if more operations of a type run in a cycle than it has units."""
    nodes_of: dict[str, list[str]] = {}
    for node, kind in graph.types.items():
        nodes_of.setdefault(kind, []).append(node)
    offenders = []
    for kind, nodes in nodes_of.items():
        begins = sorted(starts[node] for node in nodes)
        delay = graph.delay[kind]
        for index, cycle in enumerate(begins):
            # Operations of one type are equally long, so they end in the order in which they begin.
            running = index + 1 - bisect_right(begins, cycle - delay)
            if running > graph.units[kind]:
                busy = [node for node in nodes if starts[node] <= cycle < starts[node] + delay]
                offenders.append(
                    f"in cycle {cycle} more than {graph.units[kind]} units of type {kind} are occupied, "
                    f"by {listed(busy)}"
                )
                break
    if offenders:
        raise Infeasible(
            f"the units do not suffice for {len(offenders)} of {len(nodes_of)} types: {listed_sentences(offenders)}"
        )
