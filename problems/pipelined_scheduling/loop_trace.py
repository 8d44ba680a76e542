"""Loops recorded from ordinary arithmetic on values, recurrences included; a recorded loop can be run on numbers.

The body of a loop is written once, on :class:`Value` objects. ``value.previous(k)`` is what the value was k
iterations ago, and a :class:`Feedback` stands for a value that is computed later in the body. Running the loop on
numbers shows that the graph computes what its name says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Operand: TypeAlias = "Value | float | int"


@dataclass(frozen=True)
class Node:
    """An operation of the loop's body.

    Attributes:
        kind: its resource.
        bits: width of its result.
        function: computes the result from the operands.
        operands: values and constants.
        waits: (node, distance) of operations that must be over before, without their result being read.
    """

    kind: str
    bits: int
    function: Callable[..., Any]
    operands: tuple[Operand, ...]
    waits: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Feedback:
    """A value of an earlier iteration that the body has not computed yet.

    Attributes:
        value: what stands for it until it is closed.
        initial: what it is before the first iteration.
        source: what it is in each iteration, once closed.
    """

    value: Value
    initial: Any
    source: Value | None = None

    def close(self, source: Value) -> None:
        """Let the feedback be ``source`` of the iteration before."""
        self.source = source


@dataclass
class Trace:
    """A loop's body under construction.

    Attributes:
        nodes: its operations.
        feedbacks: by the negative number that stands for each.
    """

    nodes: list[Node] = field(default_factory=list)
    feedbacks: dict[int, Feedback] = field(default_factory=dict)

    def record(self, kind: str, bits: int, function: Callable[..., Any], *operands: Operand) -> Value:
        """A new operation; constants are part of the operation, not nodes."""
        self.nodes.append(Node(kind, bits, function, operands))
        return Value(self, len(self.nodes) - 1)

    def feedback(self, initial: Any = 0) -> Feedback:
        """A value of the iteration before, to be closed later."""
        number = -1 - len(self.feedbacks)
        self.feedbacks[number] = Feedback(Value(self, number), initial)
        return self.feedbacks[number]

    def wait(self, later: Value, earlier: Value, distance: int) -> None:
        """Order two operations, ``distance`` iterations apart, as memory accesses that may meet."""
        self.nodes[later.node].waits.append((earlier.node, distance))

    def resolved(self, value: Value) -> tuple[int, int]:
        """The node that computes a value, and how many iterations ago."""
        node, age = value.node, value.age
        while node < 0:
            source = self.feedbacks[node].source
            if source is None:
                raise ValueError("a feedback was not closed")
            node, age = source.node, age + source.age + 1
        return node, age

    def edges(self) -> list[tuple[int, int, int, bool]]:
        """(source, target, distance, whether data flows) of each dependence, each once."""
        found: dict[tuple[int, int, int, bool], None] = {}
        for target, node in enumerate(self.nodes):
            for operand in node.operands:
                if isinstance(operand, Value):
                    source, age = self.resolved(operand)
                    found[source, target, age, True] = None
            for source, age in node.waits:
                found[source, target, age, False] = None
        return list(found)

    def run(self, iterations: int) -> list[list[Any]]:
        """Results of all nodes by iteration; before the first one they are 0 or a feedback's initial value."""
        history: list[list[Any]] = []
        for _ in range(iterations):
            row: list[Any] = []
            history.append(row)
            for node in self.nodes:
                row.append(node.function(*[self._seen(operand, history) for operand in node.operands]))
        return history

    def _seen(self, operand: Operand, history: Sequence[Sequence[Any]]) -> Any:
        if not isinstance(operand, Value):
            return operand
        node, age = operand.node, operand.age
        while node < 0:
            feedback = self.feedbacks[node]
            if age >= len(history) - 1:
                return feedback.initial
            assert feedback.source is not None
            node, age = feedback.source.node, age + feedback.source.age + 1
        return history[-1 - age][node] if age < len(history) else 0


@dataclass(frozen=True)
class Value:
    """The result of an operation, ``age`` iterations ago; arithmetic on it adds operations to its trace."""

    trace: Trace
    node: int
    age: int = 0

    def previous(self, count: int = 1) -> Value:
        """What this value was ``count`` iterations earlier."""
        return Value(self.trace, self.node, self.age + count)

    def __add__(self, other: Operand) -> Value:
        return self.trace.record("add", 32, lambda a, b: a + b, self, other)

    def __sub__(self, other: Operand) -> Value:
        return self.trace.record("add", 32, lambda a, b: a - b, self, other)

    def __mul__(self, other: Operand) -> Value:
        return self.trace.record("mul", 32, lambda a, b: a * b, self, other)

    def __truediv__(self, other: Operand) -> Value:
        return self.trace.record("div", 32, lambda a, b: a / b, self, other)

    def __xor__(self, other: Operand) -> Value:
        return self.trace.record("logic", 32, lambda a, b: a ^ b, self, other)

    def __and__(self, other: Operand) -> Value:
        return self.trace.record("logic", 32, lambda a, b: a & b, self, other)

    def __rshift__(self, count: int) -> Value:
        return self.trace.record("logic", 32, lambda a: a >> count, self)

    def __lshift__(self, count: int) -> Value:
        return self.trace.record("logic", 32, lambda a: (a << count) & 0xFFFFFFFF, self)


def modular_add(left: Value, right: Operand) -> Value:
    """The sum modulo 2**32."""
    return left.trace.record("add", 32, lambda a, b: (a + b) & 0xFFFFFFFF, left, right)


def modular_mul(left: Value, right: Operand) -> Value:
    """The product modulo 2**32."""
    return left.trace.record("mul", 32, lambda a, b: (a * b) & 0xFFFFFFFF, left, right)


def rotate(value: Value, count: int) -> Value:
    """32 bits rotated to the left."""
    return value.trace.record("logic", 32, lambda a: (a << count | a >> (32 - count)) & 0xFFFFFFFF, value)


def majority(x: Value, y: Value, z: Value) -> Value:
    """The bits that most of three words have, as one operation."""
    return x.trace.record("logic", 32, lambda a, b, c: (a & b) | (a & c) | (b & c), x, y, z)


def choose(x: Value, y: Value, z: Value) -> Value:
    """Bits of ``y`` where ``x`` has ones, else of ``z``, as one operation."""
    return x.trace.record("logic", 32, lambda a, b, c: (a & b) | (~a & c & 0xFFFFFFFF), x, y, z)


def less(left: Value, right: Operand) -> Value:
    """Whether ``left`` is less than ``right``."""
    return left.trace.record("cmp", 1, lambda a, b: a < b, left, right)


def select(condition: Value, left: Operand, right: Operand) -> Value:
    """``left`` where the condition holds, else ``right``."""
    return condition.trace.record("logic", 32, lambda c, a, b: a if c else b, condition, left, right)


def square_root(value: Value) -> Value:
    """The square root, by the divider."""
    return value.trace.record("div", 32, math.sqrt, value)


def load(trace: Trace, stream: Callable[[], Any]) -> Value:
    """The next element of a stream in memory."""
    return trace.record("load", 32, stream)


def store(value: Value) -> Value:
    """An element written to memory; it makes no value for registers."""
    return value.trace.record("store", 0, lambda a: a, value)
