"""Verifier of intra-operator parallelism: indices, memory at every time, and the exact cost."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from heurigym.problems import Infeasible, Malformed, listed, listed_sentences, read_solution_json, verifier
from heurigym.problems.verdict import shorten


class Nodes(msgspec.Struct):
    """What is known of the nodes: one entry for each in every list."""

    intervals: list[list[int]]
    costs: list[list[int]]
    usages: list[list[int]]


class Edges(msgspec.Struct):
    """What is known of the edges: one entry for each in both lists."""

    nodes: list[list[int]]
    costs: list[list[int]]


class Program(msgspec.Struct):
    """A tensor program with strategies."""

    nodes: Nodes
    edges: Edges
    usage_limit: int | None = None


class InstanceFile(msgspec.Struct):
    """The outermost object of an instance."""

    problem: Program


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The cost of a choice of strategies that fits into memory.

    Raises:
        ValueError: the instance is corrupt.
    """
    program = read_program(instance[0])
    chosen = read_choice(solution, len(program.nodes.costs))
    check_indices(program, chosen)
    check_memory(program, chosen)
    return cost(program, chosen)


def read_program(path: Path) -> Program:
    """The program in an instance file.

    Raises:
        ValueError: the file is corrupt; the message names the file, the field and what it should be.
    """
    try:
        # Python's reader, for integers of any size; msgspec's conversion checks the types.
        content = json.loads(path.read_text(encoding="utf-8"))
        program = msgspec.convert(content, InstanceFile).problem
    except (msgspec.ValidationError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None
    nodes, edges = program.nodes, program.edges
    count = len(nodes.costs)
    if not len(nodes.intervals) == len(nodes.usages) == count:
        raise ValueError(f"{path}: problem.nodes: intervals, costs and usages must have one entry for each node")
    for node, (interval, costs, usages) in enumerate(zip(nodes.intervals, nodes.costs, nodes.usages, strict=True)):
        if len(interval) != 2 or not 0 <= interval[0] <= interval[1]:
            raise ValueError(
                f"{path}: problem.nodes.intervals[{node}]: must be [begin, end] with 0 <= begin <= end"
            )
        if not costs or min(costs) < 0:
            raise ValueError(f"{path}: problem.nodes.costs[{node}]: must be a list of integers of at least 0")
        if len(usages) != len(costs) or min(usages) < 0:
            raise ValueError(f"{path}: problem.nodes.usages[{node}]: must have one integer >= 0 for each cost")
    if len(edges.nodes) != len(edges.costs):
        raise ValueError(f"{path}: problem.edges: nodes and costs must have one entry for each edge")
    for edge, (pair, costs) in enumerate(zip(edges.nodes, edges.costs, strict=True)):
        if len(pair) != 2 or not 0 <= min(pair) <= max(pair) < count:
            raise ValueError(f"{path}: problem.edges.nodes[{edge}]: must be two node numbers below {count}")
        size = len(nodes.costs[pair[0]]) * len(nodes.costs[pair[1]])
        if len(costs) != size or min(costs) < 0:
            raise ValueError(f"{path}: problem.edges.costs[{edge}]: must be {size} integers of at least 0")
    if program.usage_limit is not None and program.usage_limit < 0:
        raise ValueError(f"{path}: problem.usage_limit: must be an integer of at least 0, or null")
    return program


def read_choice(path: Path, count: int) -> list[int]:
    """One integer for each of ``count`` nodes.

    Raises:
        Malformed: the file is not a JSON list of so many integers.
    """
    content: Any = read_solution_json(path)
    if not isinstance(content, list):
        raise Malformed(f"the solution is not a list of strategies but {shorten(repr(content), 60)}")
    others = [
        f"entry {node} is {shorten(repr(index), 60)}"
        for node, index in enumerate(content)
        if type(index) is not int
    ]
    if others:
        raise Malformed(f"{len(others)} entries are not integers: {listed_sentences(others)}")
    if len(content) != count:
        raise Malformed(f"the solution has {len(content)} strategies, but there are {count} nodes")
    return content


def check_indices(program: Program, chosen: Sequence[int]) -> None:
    """Raise :class:`Infeasible` if a node has no strategy of the chosen number."""
    wrong = [
        f"node {node} has {len(costs)} strategies, not number {shorten(str(index), 40)}"
        for node, (costs, index) in enumerate(zip(program.nodes.costs, chosen, strict=True))
        if not 0 <= index < len(costs)
    ]
    if wrong:
        raise Infeasible(f"the strategies of {len(wrong)} nodes are out of range: {listed_sentences(wrong)}")


def check_memory(program: Program, chosen: Sequence[int]) -> None:
    """Raise :class:`Infeasible` if the memory in use is above the limit at some time."""
    limit = program.usage_limit
    if limit is None:
        return
    changes: dict[int, int] = {}
    for (begin, end), usages, index in zip(program.nodes.intervals, program.nodes.usages, chosen, strict=True):
        if begin < end:
            changes[begin] = changes.get(begin, 0) + usages[index]
            changes[end] = changes.get(end, 0) - usages[index]
    used = 0
    full = []
    for time in sorted(changes):
        used += changes[time]
        if used > limit:
            full.append(f"{used} from time {time}")
    if full:
        raise Infeasible(
            f"the memory in use is above the limit {limit} in {len(full)} spans of time: {listed(full)}"
        )


def cost(program: Program, chosen: Sequence[int]) -> int:
    """The cost of a choice whose indices are in range."""
    total = sum(costs[index] for costs, index in zip(program.nodes.costs, chosen, strict=True))
    for (tail, head), costs in zip(program.edges.nodes, program.edges.costs, strict=True):
        total += costs[chosen[tail] * len(program.nodes.costs[head]) + chosen[head]]
    return total
