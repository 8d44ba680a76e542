"""Verifier of memory scheduling: precedence, deadline and live bits, in time that does not depend on the steps."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from heurigym.problems import Infeasible, listed, listed_sentences, read_starts, verifier


@dataclass(frozen=True, slots=True)
class Graph:
    """A data-flow graph and its deadline.

    Attributes:
        latency: steps that each node takes.
        bits: width of each node's value.
        edges: (source, target) of each edge.
        outputs: nodes whose values are kept to the deadline.
        deadline: the step by which every node has finished.
    """

    latency: Mapping[str, int]
    bits: Mapping[str, int]
    edges: Sequence[tuple[str, str]]
    outputs: frozenset[str]
    deadline: int


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The most bits that a feasible schedule has live in one step.

    Raises:
        ValueError, KeyError, TypeError: the instance is corrupt.
    """
    graph = read_graph(instance[0])
    starts = read_starts(solution, graph.latency)
    check_bounds(graph, starts)
    check_precedence(graph, starts)
    return peak_of_live_bits(graph, starts)


def read_graph(path: Path) -> Graph:
    """The graph in an instance file.

    Raises:
        ValueError, KeyError, TypeError: the file is corrupt.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    latency = {str(node): steps for node, steps, _ in content["nodes"]}
    bits = {str(node): width for node, _, width in content["nodes"]}
    if len(latency) != len(content["nodes"]):
        raise ValueError(f"{path}: nodes: an id is there twice")
    if any(type(steps) is not int or steps < 1 for steps in latency.values()):
        raise ValueError(f"{path}: nodes: a latency is no integer of at least 1")
    if any(type(width) is not int or width < 0 for width in bits.values()):
        raise ValueError(f"{path}: nodes: a width is no integer of at least 0")
    edges = [(str(source), str(target)) for source, target in content["edges"]]
    outputs = frozenset(str(node) for node in content["outputs"])
    unknown = (outputs | {node for edge in edges for node in edge}) - latency.keys()
    if unknown:
        raise ValueError(f"{path}: edges or outputs: no such node: {listed(sorted(unknown))}")
    if type(content["deadline"]) is not int:
        raise ValueError(f"{path}: deadline: not an integer")
    return Graph(latency, bits, edges, outputs, content["deadline"])


def check_bounds(graph: Graph, starts: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if a node starts before step 0 or finishes after the deadline."""
    early = [f"{node}:{start}" for node, start in starts.items() if start < 0]
    if early:
        raise Infeasible(f"{len(early)} nodes start before step 0: {listed(early)}")
    late = [
        f"{node} finishes in step {start + graph.latency[node]}"
        for node, start in starts.items()
        if start + graph.latency[node] > graph.deadline
    ]
    if late:
        raise Infeasible(f"{len(late)} nodes finish after the deadline {graph.deadline}: {listed_sentences(late)}")


def check_precedence(graph: Graph, starts: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if a node starts before one of its inputs is ready."""
    offenders = [
        f"{target} starts in step {starts[target]} but its input {source} is ready in step "
        f"{starts[source] + graph.latency[source]}"
        for source, target in graph.edges
        if starts[source] + graph.latency[source] > starts[target]
    ]
    if offenders:
        raise Infeasible(
            f"precedence is violated on {len(offenders)} of {len(graph.edges)} edges: {listed_sentences(offenders)}"
        )


def peak_of_live_bits(graph: Graph, starts: Mapping[str, int]) -> int:
    """The most bits live in one step, of a feasible schedule."""
    last_use: dict[str, int] = {}
    for source, target in graph.edges:
        last_use[source] = max(last_use.get(source, 0), starts[target])
    for node in graph.outputs:
        last_use[node] = graph.deadline
    changes: dict[int, int] = {}
    for node, last in last_use.items():
        ready = starts[node] + graph.latency[node]
        changes[ready] = changes.get(ready, 0) + graph.bits[node]
        changes[last + 1] = changes.get(last + 1, 0) - graph.bits[node]
    return max(accumulate(changes[step] for step in sorted(changes)), default=0)
