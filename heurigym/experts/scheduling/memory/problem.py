"""Scheduling for the least peak of live bits under a deadline: the problem, its files and its exact objective.

A value is live from the step in which it is ready, ``start + latency``, to the last start of a consumer, inclusive;
a primary output to the deadline, inclusive. A value that nothing consumes and that is no output is never live. The
objective is the most bits live in one of the steps ``0 ... deadline``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.gauss import Values
from heurigym.experts.scheduling.graph import Flags, Graph, Ints


@dataclass(frozen=True, eq=False)
class MemoryProblem:
    """An instance.

    Attributes:
        graph: precedences, without distances.
        bits: width of each node's value; shape (nodes,).
        is_output: whether it has to be kept to the deadline; shape (nodes,).
        deadline: all nodes have finished by this step.
        names: identifiers of the nodes.
    """

    graph: Graph
    bits: Ints
    is_output: Flags
    deadline: int
    names: Sequence[str]

    @classmethod
    def of(cls, content: dict[str, Any]) -> MemoryProblem:
        """The problem in an instance file's content.

        Raises:
            ValueError, KeyError: it is no instance: a cycle, an unknown node, a deadline that is too early, ...
        """
        names = [str(node) for node, _, _ in content["nodes"]]
        index = {name: number for number, name in enumerate(names)}
        latency = np.array([steps for _, steps, _ in content["nodes"]], np.int64)
        bits = np.array([width for _, _, width in content["nodes"]], np.int64)
        edges = [(index[tail], index[head]) for tail, head in content["edges"]]
        is_output = np.zeros(len(names), np.bool_)
        is_output[[index[name] for name in content["outputs"]]] = True
        if len(index) < len(names):
            raise ValueError("nodes: an id is there twice")
        if np.any(latency < 1) or np.any(bits < 0):
            raise ValueError("nodes: a latency is below 1, or a width below 0")
        problem = cls(Graph.of(latency, edges), bits, is_output, int(content["deadline"]), names)
        if problem.graph.critical_path > problem.deadline:
            raise ValueError(f"deadline: the longest path takes {problem.graph.critical_path} steps")
        return problem

    @classmethod
    def read(cls, path: Path) -> MemoryProblem:
        """The problem in an instance file.

        Raises:
            ValueError, KeyError: the file is no instance.
        """
        return cls.of(json.loads(path.read_text(encoding="utf-8")))

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.graph.nodes

    @cached_property
    def values(self) -> Values:
        """Widths and outputs as GauS takes them."""
        return Values(self.bits, self.is_output)

    @cached_property
    def earliest(self) -> Ints:
        """Earliest start of each node."""
        return self.graph.earliest()

    @cached_property
    def latest(self) -> Ints:
        """Latest start of each node."""
        return self.graph.latest(self.deadline)

    @cached_property
    def is_ever_live(self) -> Flags:
        """Values that some schedule has to store: those with a width that are outputs or have a consumer."""
        consumed = np.bincount(self.graph.source, minlength=self.nodes) > 0
        flags: Flags = (self.bits > 0) & (consumed | self.is_output)
        return flags

    def is_feasible(self, starts: Ints) -> bool:
        """Whether a schedule keeps precedences, step 0 and the deadline."""
        within = np.all(starts >= 0) and np.all(starts + self.graph.latency <= self.deadline)
        return bool(within) and self.graph.keeps_precedence(starts)

    def last_uses(self, starts: Ints) -> Ints:
        """The last step in which each value is live, below its first one where it never is."""
        ends = np.full(self.nodes, -1, np.int64)
        np.maximum.at(ends, self.graph.source, starts[self.graph.target])
        ends[self.is_output] = self.deadline
        return ends

    def profile(self, starts: Ints) -> Ints:
        """Live bits in each of the steps ``0 ... deadline``."""
        return _profile(starts + self.graph.latency, self.last_uses(starts), self.bits, self.deadline + 1)

    def peak(self, starts: Ints) -> int:
        """The objective of a feasible schedule."""
        return int(self.profile(starts).max(initial=0))

    def text(self, starts: Ints) -> str:
        """A schedule as a solution file holds it."""
        return "".join(f"{name}:{start}\n" for name, start in zip(self.names, starts.tolist(), strict=True))


@compiled
def _profile(begins: Ints, ends: Ints, bits: Ints, steps: int) -> Ints:
    change = np.zeros(steps + 1, np.int64)
    for value in range(len(bits)):
        if ends[value] >= begins[value]:
            change[begins[value]] += bits[value]
            change[ends[value] + 1] -= bits[value]
    return np.cumsum(change)[:steps]
