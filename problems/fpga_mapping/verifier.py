"""Verifier of structural LUT covering: every cone is walked, so the work is the size of the cover."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heurigym.problems import Infeasible, Malformed, listed, read_solution_text, shorten, verifier

_LIMIT_BYTES = 32 << 20
_LUT = re.compile(r"[0-9]{1,9}(?:[ \t]+[0-9]{1,9})*")


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph to cover.

    Attributes:
        k: the largest number of leaves of a LUT.
        max_depth: the largest depth of a LUT; ``None`` without a bound.
        inputs: number of inputs.
        fanins: the two fanins, as nodes, of every node; those of the constant and of inputs are not used.
        outputs: the gates that are outputs.
    """

    k: int
    max_depth: int | None
    inputs: int
    fanins: Sequence[tuple[int, int]]
    outputs: Sequence[int]


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The number of LUTs of a feasible cover.

    Raises:
        ValueError, KeyError: the instance is corrupt.
    """
    graph = read_graph(instance[0])
    cover = read_cover(solution, graph)
    check_width(graph, cover)
    check_wires(graph, cover)
    check_cones(graph, cover)
    check_depth(graph, cover)
    return len(cover)


def read_graph(path: Path) -> Graph:
    """The graph in an instance file.

    Raises:
        ValueError, KeyError: the file is corrupt.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    inputs = content["inputs"]
    fanins = [(0, 0)] * (inputs + 1)
    for left, right in content["gates"]:
        if not 1 <= left >> 1 < len(fanins) or not 1 <= right >> 1 < len(fanins):
            raise ValueError(f"{path}: gates: node {len(fanins)} does not have two fanins before it")
        fanins.append((left >> 1, right >> 1))
    outputs = sorted({literal >> 1 for literal in content["outputs"] if literal >> 1 > inputs})
    if outputs and outputs[-1] >= len(fanins):
        raise ValueError(f"{path}: outputs: there is no node {outputs[-1]}")
    return Graph(content["k"], content["max_depth"], inputs, fanins, outputs)


def read_cover(solution: Path, graph: Graph) -> dict[int, tuple[int, ...]]:
    """The leaves of every LUT by its root.

    Raises:
        Malformed: the solution is not a list of LUTs whose roots are gates, each once, and whose leaves are nodes.
    """
    cover: dict[int, tuple[int, ...]] = {}
    nodes = len(graph.fanins)
    for number, raw in enumerate(read_solution_text(solution, _LIMIT_BYTES).split("\n"), start=1):
        line = raw.strip(" \t\r")
        if not line:
            continue
        if not _LUT.fullmatch(line):
            raise Malformed(f"line {number} is not a list of node numbers: {shorten(repr(line), 80)}")
        root, *leaves = map(int, line.split())
        if not graph.inputs < root < nodes:
            raise Malformed(
                f"line {number}: the root {root} is not a gate; gates are {graph.inputs + 1} to {nodes - 1}"
            )
        if root in cover:
            raise Malformed(f"line {number}: the root {root} has a LUT already")
        if not leaves:
            raise Malformed(f"line {number}: the LUT of root {root} has no leaf")
        if len(set(leaves)) < len(leaves):
            raise Malformed(f"line {number}: the LUT of root {root} has a leaf twice")
        cover[root] = tuple(leaves)
    return cover


def check_width(graph: Graph, cover: Mapping[int, Sequence[int]]) -> None:
    """Raise :class:`Infeasible` if a LUT has more than K leaves."""
    offenders = [f"root {root} has {len(leaves)}" for root, leaves in cover.items() if len(leaves) > graph.k]
    if offenders:
        raise Infeasible(f"{len(offenders)} LUTs have more than {graph.k} leaves: {listed(offenders)}")


def check_wires(graph: Graph, cover: Mapping[int, Sequence[int]]) -> None:
    """Raise :class:`Infeasible` if an output or a leaf is not available, or a leaf is not before its root."""
    missing = [output for output in graph.outputs if output not in cover]
    if missing:
        raise Infeasible(f"{len(missing)} outputs are not the root of a LUT: {listed(missing)}")
    late = [f"{leaf} of root {root}" for root, leaves in cover.items() for leaf in leaves if not 1 <= leaf < root]
    if late:
        raise Infeasible(
            f"{len(late)} leaves are not an input or a gate with a smaller number than their root: {listed(late)}"
        )
    unmade = [
        f"{leaf} of root {root}"
        for root, leaves in cover.items()
        for leaf in leaves
        if leaf > graph.inputs and leaf not in cover
    ]
    if unmade:
        raise Infeasible(f"{len(unmade)} leaves are gates without a LUT of their own: {listed(unmade)}")


def check_cones(graph: Graph, cover: Mapping[int, Sequence[int]]) -> None:
    """Raise :class:`Infeasible` if the leaves of a LUT do not cut its root off from the inputs."""
    fanins = graph.fanins
    for root, leaves in cover.items():
        lowest = min(leaves)
        met = set(leaves)
        stack = [root]
        while stack:
            for node in fanins[stack.pop()]:
                if node in met:
                    continue
                # A node before all leaves has none of them below it, so the walk from it ends at inputs.
                if node <= graph.inputs or node < lowest:
                    way = f"input {node}" if node <= graph.inputs else f"an input through gate {node}"
                    raise Infeasible(f"the leaves of root {root} do not cut it off: {way} can be reached")
                met.add(node)
                stack.append(node)


def check_depth(graph: Graph, cover: Mapping[int, Sequence[int]]) -> None:
    """Raise :class:`Infeasible` if a LUT is deeper than the instance allows."""
    if graph.max_depth is None:
        return
    depth = [0] * len(graph.fanins)
    for root in sorted(cover):
        depth[root] = 1 + max(depth[leaf] for leaf in cover[root])
    deep = [f"root {root} has {depth[root]}" for root in sorted(cover) if depth[root] > graph.max_depth]
    if deep:
        raise Infeasible(f"{len(deep)} LUTs are deeper than {graph.max_depth}: {listed(deep)}")
