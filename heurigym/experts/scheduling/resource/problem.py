"""Resource-minimal scheduling under a deadline: the instance as arrays, its objective, and its file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from heurigym.experts.scheduling.graph import Graph, Ints


@dataclass(frozen=True, eq=False)
class ResourceProblem:
    """A data-flow graph that must finish by a deadline with as few weighted units as possible.

    Attributes:
        names: id of each node.
        graph: precedences; its latencies are the delays of the nodes.
        kinds: name of each type that a node has.
        kind: type of each node, an index into ``kinds``; shape (nodes,).
        occupancy: cycles for which an operation of each type holds its unit; shape (types,).
        weight: area of a unit of each type; shape (types,).
        deadline: cycle by which every node has finished.
    """

    names: Sequence[str]
    graph: Graph
    kinds: Sequence[str]
    kind: Ints
    occupancy: Ints
    weight: Ints
    deadline: int

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> ResourceProblem:
        """The problem of an instance file's content; nodes are numbered in the file's order.

        Raises:
            KeyError, TypeError: a field or type is missing.
            ValueError: a number is out of range, the edges form a cycle, or the deadline cannot be met.
        """
        names = [str(node) for node, _ in content["nodes"]]
        index = {name: place for place, name in enumerate(names)}
        if len(index) != len(names):
            raise ValueError("nodes: an id is there twice; give every node an id of its own")
        kinds = sorted({str(kind) for _, kind in content["nodes"]})
        place_of = {name: place for place, name in enumerate(kinds)}
        kind = np.array([place_of[str(kind)] for _, kind in content["nodes"]], np.int64)
        delay, occupancy, weight = (_row(content, key, kinds) for key in ("delay", "occupancy", "weight"))
        if np.any(occupancy > delay):
            raise ValueError("occupancy: must not exceed the delay of its type")
        for source, target, *_ in content["edges"]:
            for end in (str(source), str(target)):
                if end not in index:
                    raise ValueError(f"edges: {end!r} is no node; edges join ids of nodes")
        edges = sorted({(index[str(edge[0])], index[str(edge[1])]) for edge in content["edges"]})
        deadline = content["deadline"]
        if type(deadline) is not int:
            raise ValueError("deadline: must be an integer")
        problem = cls(names, Graph.of(delay[kind], edges), kinds, kind, occupancy, weight, deadline)
        if problem.graph.critical_path > problem.deadline:
            raise ValueError(
                f"deadline: {problem.deadline} is less than the longest path, {problem.graph.critical_path}"
            )
        return problem

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.kind)

    @cached_property
    def earliest(self) -> Ints:
        """Earliest start of each node."""
        return self.graph.earliest()

    @cached_property
    def latest(self) -> Ints:
        """Latest start of each node."""
        return self.graph.latest(self.deadline)

    def usage(self, starts: Ints) -> Ints:
        """Units of each type that are held in each cycle; shape (types, deadline)."""
        change = np.zeros((len(self.kinds), self.deadline + 1), np.int64)
        np.add.at(change, (self.kind, starts), 1)
        np.add.at(change, (self.kind, starts + self.occupancy[self.kind]), -1)
        held: Ints = np.cumsum(change[:, : self.deadline], axis=1)
        return held

    def units(self, starts: Ints) -> Ints:
        """Units of each type that a schedule needs; shape (types,)."""
        units: Ints = self.usage(starts).max(axis=1, initial=0)
        return units

    def objective(self, starts: Ints) -> int:
        """The weighted number of units that a schedule needs."""
        return int(self.units(starts) @ self.weight)

    def is_feasible(self, starts: Ints) -> bool:
        """Whether a schedule keeps precedences and deadline."""
        inside = np.all(starts >= 0) and np.all(starts + self.graph.latency <= self.deadline)
        return bool(inside) and self.graph.keeps_precedence(starts)

    def solution_text(self, starts: Ints) -> str:
        """A schedule as the problem's solution file."""
        return "".join(f"{name}:{start}\n" for name, start in zip(self.names, starts.tolist(), strict=True))


def read_problem(path: Path) -> ResourceProblem:
    """The problem in an instance file.

    Raises:
        ValueError: the file is no instance; the message names file and field.
    """
    try:
        return ResourceProblem.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _row(content: Mapping[str, Any], key: str, kinds: Sequence[str]) -> Ints:
    absent = [kind for kind in kinds if kind not in content[key]]
    if absent:
        raise ValueError(f"{key}: has no {absent[0]!r}; give a number for every type of a node")
    values = [content[key][kind] for kind in kinds]
    if any(type(value) is not int or value < 1 for value in values):
        raise ValueError(f"{key}: must be an integer of at least 1 for every type")
    return np.array(values, np.int64)
