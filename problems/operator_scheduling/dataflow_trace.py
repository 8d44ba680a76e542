"""Data-flow graphs recorded from ordinary arithmetic.

The functions here work on floats and on :class:`Value` objects alike: on floats they compute, on values they add
nodes to a :class:`Trace`. So one definition of a kernel gives its numbers and its graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Number: TypeAlias = Any
"""A float, or a Value that stands for one."""


@dataclass
class Trace:
    """A data-flow graph under construction.

    Attributes:
        kinds: the operation of each node.
        edges: (source, target, operand position) with nodes as indices into ``kinds``.
    """

    kinds: list[str] = field(default_factory=list)
    edges: list[tuple[int, int, int]] = field(default_factory=list)

    def record(self, kind: str, *operands: object) -> Value:
        """A new node that applies ``kind`` to ``operands``; constants are part of the operation, not nodes."""
        node = len(self.kinds)
        self.kinds.append(kind)
        seen: set[int] = set()
        for position, operand in enumerate(operands):
            if isinstance(operand, Value) and operand.node not in seen:
                seen.add(operand.node)
                self.edges.append((operand.node, node, position))
        return Value(self, node)


@dataclass(frozen=True)
class Value:
    """The result of a node of a trace; arithmetic on it adds nodes."""

    trace: Trace
    node: int

    def __add__(self, other: Number) -> Value:
        return self.trace.record("add", self, other)

    def __radd__(self, other: Number) -> Value:
        return self.trace.record("add", other, self)

    def __sub__(self, other: Number) -> Value:
        return self.trace.record("sub", self, other)

    def __rsub__(self, other: Number) -> Value:
        return self.trace.record("sub", other, self)

    def __mul__(self, other: Number) -> Value:
        return self.trace.record("mul", self, other)

    def __rmul__(self, other: Number) -> Value:
        return self.trace.record("mul", other, self)

    def __truediv__(self, other: Number) -> Value:
        return self.trace.record("div", self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return self.trace.record("div", other, self)


def square_root(value: Number) -> Number:
    """The square root."""
    return value.trace.record("sqrt", value) if isinstance(value, Value) else math.sqrt(value)


def less(left: Number, right: Number) -> Number:
    """Whether ``left`` is less than ``right``."""
    for value in (left, right):
        if isinstance(value, Value):
            return value.trace.record("cmp", left, right)
    return left < right


def shift_right(value: Number, bits: int) -> Number:
    """``value`` divided by a power of two."""
    return value.trace.record("shift", value) if isinstance(value, Value) else value / 2**bits


def add_or_subtract(condition: Number, left: Number, right: Number) -> Number:
    """``left - right`` where the condition holds, else ``left + right``, in one adder."""
    if isinstance(condition, Value):
        return condition.trace.record("add", left, right, condition)
    return left - right if condition else left + right
