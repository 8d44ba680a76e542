"""The loop in an instance of pipelined scheduling, and what makes an instance corrupt."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of hardware unit.

    Attributes:
        latency: cycles until the result of an operation is ready.
        blocking: cycles that an operation occupies a unit.
        units: number of units, ``None`` for as many as one likes.
    """

    latency: int
    blocking: int
    units: int | None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the loop's body.

    Attributes:
        kind: its resource.
        bits: width of its result.
    """

    kind: str
    bits: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependence of ``target`` on ``source``, ``distance`` iterations earlier.

    Attributes:
        source: id of an operation.
        target: id of an operation.
        delay: cycles on top of the source's latency.
        distance: iterations between the two.
        carries: whether the target reads the source's result.
    """

    source: str
    target: str
    delay: int
    distance: int
    carries: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop, its hardware and the intervals that are allowed.

    Attributes:
        resources: by name.
        operations: by id.
        edges: dependences.
        least: least interval.
        most: largest interval, ``None`` without limit.
        interval_weight: register bits that each cycle of the interval above ``least`` counts as.
    """

    resources: Mapping[str, Resource]
    operations: Mapping[str, Operation]
    edges: Sequence[Edge]
    least: int
    most: int | None
    interval_weight: int

    def latency(self, operation: str) -> int:
        """Cycles until the result of an operation is ready."""
        return self.resources[self.operations[operation].kind].latency


def read_loop(path: Path) -> Loop:
    """The loop in an instance file.

    Raises:
        ValueError: the file is corrupt, or a cycle of dependences of distance 0 takes time: no schedule exists.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    try:
        loop = _loop(content)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: is no loop: {error}") from error
    stuck = _operation_on_positive_cycle(loop)
    if stuck is not None:
        raise ValueError(
            f"{path.name}: edges: {stuck} is on a cycle of distance 0 that takes time; give an edge a distance"
        )
    return loop


def _loop(content: Any) -> Loop:
    resources = {
        str(name): Resource(
            _count(row["latency"], f"resources.{name}.latency"),
            _count(row["blocking"], f"resources.{name}.blocking"),
            None if row["units"] is None else _count(row["units"], f"resources.{name}.units", 1),
        )
        for name, row in content["resources"].items()
    }
    operations = {}
    for name, kind, bits in content["operations"]:
        if not isinstance(name, str) or name in operations or name == "interval":
            raise ValueError(f"operations: the id {name!r} is there twice, or no id")
        if kind not in resources:
            raise ValueError(f"operations: {name}: there is no resource {kind!r}")
        operations[name] = Operation(kind, _count(bits, f"operations: {name}: bits"))
    edges = []
    for source, target, delay, distance, role in content["edges"]:
        if source not in operations or target not in operations or role not in ("data", "order"):
            raise ValueError(f"edges: {source!r} to {target!r} of role {role!r} is not an edge of this loop")
        where = f"edges: {source} to {target}"
        edges.append(Edge(source, target, _count(delay, where), _count(distance, where), role == "data"))
    interval = content["interval"]
    least = _count(interval["least"], "interval.least", 1)
    most = None if interval["most"] is None else _count(interval["most"], "interval.most", least)
    return Loop(resources, operations, edges, least, most, _count(interval["weight"], "interval.weight"))


def _count(value: object, what: str, least: int = 0) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"{what}: is {value!r}, not an integer of at least {least}")
    return value


def _operation_on_positive_cycle(loop: Loop) -> str | None:
    """An operation on a cycle of edges of distance 0 that takes time, if there is one.

    No edge takes less than no time, so a cycle takes time exactly if one of its edges does, and an edge is on a
    cycle exactly if its ends are in the same strongly connected component.
    """
    timed: list[tuple[str, str]] = []
    targets: dict[str, list[str]] = {name: [] for name in loop.operations}
    for edge in loop.edges:
        if edge.distance == 0:
            targets[edge.source].append(edge.target)
            if loop.latency(edge.source) + edge.delay > 0:
                timed.append((edge.source, edge.target))
    component = strong_components(targets)
    return next((source for source, target in timed if component[source] == component[target]), None)


def strong_components(targets: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """A number for each node, the same within a strongly connected component (Tarjan 1972, without recursion)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    component: dict[str, int] = {}
    stack: list[str] = []
    for root in targets:
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack.append(root)
        path = [(root, iter(targets[root]))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if target not in order:
                    order[target] = low[target] = len(order)
                    stack.append(target)
                    path.append((target, iter(targets[target])))
                    break
                if target not in component:
                    low[node] = min(low[node], order[target])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    while True:
                        member = stack.pop()
                        component[member] = order[node]
                        if member == node:
                            break
    return component
