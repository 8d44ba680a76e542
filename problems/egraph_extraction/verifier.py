"""Verifier of e-graph extraction: one node for each needed class, no cycle, exact cost of what the roots reach."""

import ast
import gc
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import msgspec

from heurigym.problems import Infeasible, Malformed, listed, read_solution_text, shorten, verifier

_SPACE = r"[ \t\r\n]*"
_OPENING = re.compile(rf"{_SPACE}\[{_SPACE}")
_ITEM = re.compile(
    r"""('[^'\\\r\n]*+(?:\\[^\r\n][^'\\\r\n]*+)*+'|"[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+")"""
    rf"{_SPACE}(?:,{_SPACE}|(?=\]))"
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_CLOSING = re.compile(rf"\]{_SPACE}\Z")


class Node(msgspec.Struct, frozen=True, gc=False):
    """An e-node as its file holds it.

    Attributes:
        eclass: id of its class.
        cost: the number as written, so that it is exact; looked into only where the node is chosen.
        children: a string names a node of the child class, an integer the class itself.
    """

    eclass: str | int
    cost: msgspec.Raw = msgspec.Raw(b"1")
    children: tuple[str | int, ...] = ()


class EGraph(msgspec.Struct, frozen=True, gc=False):
    """An e-graph as its file holds it.

    Attributes:
        nodes: the nodes by id.
        root_eclasses: ids of the classes that are asked for.
    """

    nodes: dict[str, Node]
    root_eclasses: tuple[str | int, ...]

    def class_of(self, node: str) -> str:
        """The class that a node is in."""
        return str(self.nodes[node].eclass)

    def children_of(self, node: str) -> Iterator[str]:
        """The classes of a node's children."""
        for child in self.nodes[node].children:
            yield self.class_of(child) if isinstance(child, str) else str(child)

    def cost_of(self, node: str) -> Decimal:
        """The cost of a node; 1 where the file gives none."""
        text = bytes(self.nodes[node].cost).decode()
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"node {node}: its cost is not a number: {shorten(text, 60)}")
        cost = Decimal(text)
        if abs(cost.adjusted()) > 400:
            raise ValueError(f"node {node}: its cost is out of range")
        return cost


@verifier
def verify(instance: Sequence[Path], solution: Path) -> Fraction:
    """The cost of a feasible extraction.

    Raises:
        msgspec.DecodeError, ValueError, KeyError: the instance is corrupt.
    """
    selected = read_selection(solution)
    graph = read_egraph(instance[0])
    chosen = one_node_for_each_class(graph, selected)
    needed = needed_nodes(graph, chosen)
    return total_cost(graph.cost_of(node) for node in needed)


def read_egraph(path: Path) -> EGraph:
    """The e-graph in an instance file.

    Raises:
        msgspec.DecodeError: the file is corrupt.
    """
    # A million small containers that all live on are what makes the collector slow; nothing here is garbage.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return msgspec.json.decode(path.read_bytes(), type=EGraph)
    finally:
        if collecting:
            gc.enable()


def read_selection(solution: Path) -> list[str]:
    """The node ids in a solution file, a list of string literals of JSON or of Python.

    Raises:
        Malformed: the file is no such list, or has an id twice.
    """
    text = read_solution_text(solution)
    opening = _OPENING.match(text)
    if opening is None:
        raise Malformed(f"the solution is not a list of node ids: it begins with {shorten(repr(text[:40]), 60)}")
    position = opening.end()
    selected: list[str] = []
    while item := _ITEM.match(text, position):
        selected.append(_decode(item[1]))
        position = item.end()
    if _CLOSING.match(text, position) is None:
        raise Malformed(
            f"the solution is not a list of node ids: after {len(selected)} ids, at position {position}, comes "
            f"{shorten(repr(text[position : position + 40]), 60)} and not a quoted id or the closing bracket"
        )
    if len(set(selected)) != len(selected):
        twice = [node for node, count in Counter(selected).items() if count > 1]
        raise Malformed(f"{len(twice)} nodes are listed more than once: {listed(map(repr, twice))}")
    return selected


def one_node_for_each_class(graph: EGraph, selected: Sequence[str]) -> dict[str, str]:
    """The selected node of each class that has one.

    Raises:
        Malformed: a selected node is not in the e-graph.
        Infeasible: two selected nodes are of one class.
    """
    unknown = [node for node in selected if node not in graph.nodes]
    if unknown:
        raise Malformed(
            f"{len(unknown)} ids name no node of the e-graph: {listed(map(repr, unknown), len(unknown))}"
        )
    chosen: dict[str, str] = {}
    offenders = []
    for node in selected:
        other = chosen.setdefault(graph.class_of(node), node)
        if other != node:
            offenders.append(f"{other} and {node} of class {graph.class_of(node)}")
    if offenders:
        raise Infeasible(f"more than one node of a class is selected: {listed(offenders)}")
    return chosen


def needed_nodes(graph: EGraph, chosen: Mapping[str, str]) -> list[str]:
    """The chosen nodes of all classes that the roots reach through chosen nodes.

    Raises:
        Infeasible: such a class has no chosen node, or chosen nodes form a cycle.
    """
    needed: list[str] = []
    finished: dict[str, bool] = {}
    missing: list[str] = []
    for root in map(str, graph.root_eclasses):
        if root in finished:
            continue
        if root not in chosen:
            finished[root] = True
            missing.append(f"root class {root}")
            continue
        finished[root] = False
        needed.append(chosen[root])
        path = [(root, graph.children_of(chosen[root]))]
        while path:
            current, children = path[-1]
            child = next(children, None)
            if child is None:
                finished[current] = True
                path.pop()
            elif child not in chosen:
                if child not in finished:
                    finished[child] = True
                    missing.append(f"class {child}, a child of node {chosen[current]}")
            elif child not in finished:
                finished[child] = False
                needed.append(chosen[child])
                path.append((child, graph.children_of(chosen[child])))
            elif not finished[child]:
                classes = [name for name, _ in path]
                cycle = [chosen[name] for name in classes[classes.index(child) :]]
                raise Infeasible(f"the selected nodes form a cycle of {len(cycle)}: {listed(cycle)}")
    if missing:
        raise Infeasible(f"{len(missing)} needed classes have no selected node: {listed(missing)}")
    return needed


def total_cost(costs: Iterable[Decimal]) -> Fraction:
    """The exact sum."""
    return sum((Fraction(cost) * count for cost, count in Counter(costs).items()), Fraction(0))


def _decode(literal: str) -> str:
    if "\\" not in literal:
        return literal[1:-1]
    try:
        if literal[0] == '"':
            return str(json.loads(literal))
    except ValueError:
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(ast.literal_eval(literal))
    except (ValueError, SyntaxError):
        raise Malformed(f"the solution holds a string that cannot be read: {shorten(literal, 60)}") from None
