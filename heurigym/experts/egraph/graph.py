"""E-graphs as arrays: reading the public formats, exact costs, and what a choice of nodes costs."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
"""Indices of nodes or classes, or scaled costs."""

Floats = NDArray[np.float64]
"""Costs where rounding does no harm."""

Mask = NDArray[np.bool_]
"""One truth value for each node or class."""

UNCHOSEN = -1
"""In a choice: the class has no node."""


@dataclass(frozen=True)
class EGraph:
    """An e-graph with nodes and classes numbered from 0, nodes of one class next to each other.

    Attributes:
        node_ids: name of each node.
        costs: exact cost of each node.
        first: nodes ``first[c] .. first[c + 1] - 1`` are those of class c.
        child_start: the children of node n are ``children[child_start[n] : child_start[n + 1]]``.
        children: classes of the nodes' children, each class once for a node, in ascending order.
        roots: the root classes, each once.
    """

    node_ids: Sequence[str]
    costs: Sequence[Fraction]
    first: Ints
    child_start: Ints
    children: Ints
    roots: Ints

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.node_ids)

    @property
    def class_count(self) -> int:
        """Number of classes."""
        return len(self.first) - 1

    @cached_property
    def class_of(self) -> Ints:
        """The class of each node."""
        return np.repeat(np.arange(self.class_count, dtype=np.int64), np.diff(self.first))

    @cached_property
    def edge_node(self) -> Ints:
        """The node that each entry of ``children`` belongs to."""
        return np.repeat(np.arange(self.node_count, dtype=np.int64), np.diff(self.child_start))

    @cached_property
    def users(self) -> tuple[Ints, Ints]:
        """``start`` and ``nodes``: class c is a child of the nodes ``nodes[start[c] : start[c + 1]]``."""
        order = np.argsort(self.children, kind="stable")
        start = np.zeros(self.class_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.children, minlength=self.class_count), out=start[1:])
        return start, self.edge_node[order]

    @cached_property
    def has_negative_costs(self) -> bool:
        """Whether some node's cost is below 0."""
        return any(cost < 0 for cost in self.costs)

    def children_of(self, node: int) -> Ints:
        """The child classes of a node."""
        return self.children[self.child_start[node] : self.child_start[node + 1]]

    def scaled_costs(self, bits: int = 52) -> tuple[Ints, Fraction]:
        """Integer costs and the scale they stand for: ``costs * scale``, rounded down only where needed.

        The costs of any selection add up to less than 2**``bits``; they are exact where the common denominator
        allows it.
        """
        scale = Fraction(math.lcm(*{cost.denominator for cost in self.costs}))
        largest = [Fraction(0)] * self.class_count
        for owner, cost in zip(self.class_of.tolist(), self.costs, strict=True):
            largest[owner] = max(largest[owner], abs(cost))
        total = sum(largest, Fraction(0))
        if total * scale >= 1 << bits:
            scale = Fraction(1 << (bits - 1)) / total
        return np.array([math.floor(cost * scale) for cost in self.costs], dtype=np.int64), scale

    def needed(self, choice: Ints) -> list[int]:
        """The classes that the roots reach through the chosen nodes, children after what needs them first.

        Raises:
            ValueError: one of them has no chosen node.
        """
        seen = np.zeros(self.class_count, dtype=bool)
        seen[self.roots] = True
        order: list[int] = self.roots.tolist()
        for current in order:
            node = int(choice[current])
            if node == UNCHOSEN:
                raise ValueError(f"class {current} is needed and has no chosen node")
            for child in self.children_of(node).tolist():
                if not seen[child]:
                    seen[child] = True
                    order.append(child)
        return order

    def cost_of(self, choice: Ints) -> Fraction:
        """The exact cost of the needed classes under a choice, which must have no cycle.

        Raises:
            ValueError: a needed class has no chosen node, or the chosen nodes form a cycle.
        """
        needed = self.needed(choice)
        waiting = dict.fromkeys(needed, 0)
        for current in needed:
            for child in self.children_of(int(choice[current])).tolist():
                waiting[child] += 1
        free = [current for current, count in waiting.items() if count == 0]
        for current in free:
            for child in self.children_of(int(choice[current])).tolist():
                waiting[child] -= 1
                if not waiting[child]:
                    free.append(child)
        if len(free) < len(needed):
            raise ValueError("the chosen nodes form a cycle")
        return sum((self.costs[choice[current]] for current in needed), Fraction(0))

    def solution_text(self, choice: Ints) -> str:
        """The chosen nodes of the needed classes as a list of ids, the public format of solutions."""
        return json.dumps([self.node_ids[choice[current]] for current in self.needed(choice)]) + "\n"


def read_egraph(path: Path) -> EGraph:
    """The e-graph in a JSON file of HeuriGym, extraction-gym (egraph-serialize) or e-boost.

    In the first two a child is the id of a node of the child's class, in e-boost it is the integer id of the class.

    Raises:
        ValueError: the file is not such an e-graph.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return from_json(content)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not an e-graph: {error!r}") from None


def from_json(content: dict[str, Any]) -> EGraph:
    """The e-graph in the content of an instance file whose fractions were read as ``Decimal``.

    Raises:
        KeyError, ValueError: it does not fit the format.
    """
    nodes: dict[str, dict[str, Any]] = content["nodes"]
    class_index: dict[str, int] = {}
    owner = [class_index.setdefault(str(node["eclass"]), len(class_index)) for node in nodes.values()]
    class_by_node = dict(zip(nodes, owner, strict=True))
    order = sorted(range(len(owner)), key=owner.__getitem__)
    ids = list(nodes)
    child_start, children = [0], []
    for index in order:
        own = {
            class_by_node[child] if isinstance(child, str) else class_index[str(child)]
            for child in nodes[ids[index]].get("children", ())
        }
        children.extend(sorted(own))
        child_start.append(len(children))
    first = np.zeros(len(class_index) + 1, dtype=np.int64)
    np.cumsum(np.bincount(np.array(owner, dtype=np.int64), minlength=len(class_index)), out=first[1:])
    return EGraph(
        [ids[index] for index in order],
        [Fraction(nodes[ids[index]].get("cost", 1)) for index in order],
        first,
        np.array(child_start, dtype=np.int64),
        np.array(children, dtype=np.int64),
        np.array(list(dict.fromkeys(class_index[str(root)] for root in content["root_eclasses"])), dtype=np.int64),
    )
