"""Verifier of resource-minimal scheduling: precedence, deadline and peaks, whatever the start cycles are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heurigym.problems import Infeasible, listed, read_starts, verifier


@dataclass(frozen=True, slots=True)
class Graph:
    """A data-flow graph, the hardware types that it runs on, and its deadline.

    Attributes:
        types: the type of each node.
        edges: (source, target) of each edge.
        delay: cycles after which the result of an operation of a type is ready.
        occupancy: cycles for which an operation of a type holds its unit.
        weight: area of a unit of a type.
        deadline: cycle by which all nodes have finished.
    """

    types: Mapping[str, str]
    edges: Sequence[tuple[str, str]]
    delay: Mapping[str, int]
    occupancy: Mapping[str, int]
    weight: Mapping[str, int]
    deadline: int


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The weighted number of units of a feasible schedule.

    Raises:
        ValueError, KeyError: the instance is corrupt.
    """
    graph = read_graph(instance[0])
    starts = read_starts(solution, graph.types)
    finishes = {node: start + graph.delay[graph.types[node]] for node, start in starts.items()}
    check_not_negative(starts)
    check_precedence(graph, starts, finishes)
    check_deadline(graph, finishes)
    return sum(graph.weight[kind] * units for kind, units in count_units(graph, starts).items())


def read_graph(path: Path) -> Graph:
    """The graph in an instance file.

    Raises:
        ValueError, KeyError: the file is corrupt; the message names the field.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    types = {str(node): str(kind) for node, kind in content["nodes"]}
    if len(types) != len(content["nodes"]):
        raise ValueError(f"{path}: nodes: an id is there twice")
    edges = [(str(edge[0]), str(edge[1])) for edge in content["edges"]]
    unknown = [node for edge in edges for node in edge if node not in types]
    if unknown:
        raise ValueError(f"{path}: edges: {unknown[0]!r} is no node")
    delay, occupancy, weight = (_cycles(path, content, key) for key in ("delay", "occupancy", "weight"))
    for kind in set(types.values()):
        if not 1 <= occupancy[kind] <= delay[kind]:
            raise ValueError(f"{path}: occupancy: {kind} must have 1 to {delay[kind]} cycles, its delay")
    deadline = content["deadline"]
    if type(deadline) is not int:
        raise ValueError(f"{path}: deadline: must be an integer")
    _check_acyclic(path, types, edges)
    return Graph(types, edges, delay, occupancy, weight, deadline)


def _cycles(path: Path, content: Mapping[str, Any], key: str) -> dict[str, int]:
    for kind, value in content[key].items():
        if type(value) is not int or value < 1:
            raise ValueError(f"{path}: {key}: {kind} must be an integer of at least 1, not {value!r}")
    return dict(content[key])


def _check_acyclic(path: Path, nodes: Mapping[str, object], edges: Sequence[tuple[str, str]]) -> None:
    missing = dict.fromkeys(nodes, 0)
    targets: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        missing[target] += 1
        targets[source].append(target)
    order = [node for node, count in missing.items() if not count]
    for node in order:
        for target in targets[node]:
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    if len(order) != len(missing):
        raise ValueError(f"{path}: edges: they form a cycle")


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
            f"precedence is violated on {len(offenders)} of {len(graph.edges)} edges: {listed(offenders)}"
        )


def check_deadline(graph: Graph, finishes: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if a node finishes after the deadline."""
    offenders = [
        f"{node} finishes in cycle {finish}" for node, finish in finishes.items() if finish > graph.deadline
    ]
    if offenders:
        raise Infeasible(
            f"the deadline {graph.deadline} is missed by {len(offenders)} of {len(finishes)} nodes: "
            f"{listed(offenders)}"
        )


def count_units(graph: Graph, starts: Mapping[str, int]) -> dict[str, int]:
    """For each type that occurs, the most nodes that hold one of its units in the same cycle."""
    begins: dict[str, list[int]] = {}
    for node, kind in graph.types.items():
        begins.setdefault(kind, []).append(starts[node])
    return {kind: _peak(sorted(cycles), graph.occupancy[kind]) for kind, cycles in begins.items()}


def _peak(begins: Sequence[int], occupancy: int) -> int:
    """The most that run at once of equally long operations: they end in the order in which they begin."""
    ended = 0
    peak = 0
    for begun, cycle in enumerate(begins, start=1):
        while begins[ended] + occupancy <= cycle:
            ended += 1
        peak = max(peak, begun - ended)
    return peak
