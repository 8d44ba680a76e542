"""Data-flow graphs with widths, recorded from ordinary arithmetic.

The functions here work on numbers and on :class:`Value` objects alike: numbers are computed, values add nodes to a
:class:`Trace`. So one definition of a kernel gives its results and its graph.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Number: TypeAlias = Any
"""A number, or a Value that stands for one."""

WIDEST = 64
"""Results are rounded to this many bits."""


@dataclass
class Trace:
    """A data-flow graph under construction.

    Attributes:
        kinds: the operation of each node.
        bits: width of each node's result.
        edges: (source, target), each once, with nodes as indices into ``kinds``; sources are before targets.
    """

    kinds: list[str] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)

    def record(self, kind: str, bits: int, *operands: object) -> Value:
        """A new node with a result of ``bits``; operands that are no values are constants and part of it."""
        node = len(self.kinds)
        self.kinds.append(kind)
        self.bits.append(min(bits, WIDEST))
        sources = {each.node for each in operands if isinstance(each, Value)}
        self.edges += [(source, node) for source in sorted(sources)]
        return Value(self, node)


@dataclass(frozen=True)
class Value:
    """The result of a node of a trace; arithmetic on it adds nodes."""

    trace: Trace
    node: int

    def __add__(self, other: Number) -> Value:
        return self.trace.record("add", max(_bits(self), _bits(other)) + 1, self, other)

    def __radd__(self, other: Number) -> Value:
        return self.__add__(other)

    def __sub__(self, other: Number) -> Value:
        return self.trace.record("add", max(_bits(self), _bits(other)) + 1, self, other)

    def __rsub__(self, other: Number) -> Value:
        return self.trace.record("add", max(_bits(self), _bits(other)) + 1, other, self)

    def __mul__(self, other: Number) -> Value:
        return self.trace.record("mul", _bits(self) + _bits(other), self, other)

    def __rmul__(self, other: Number) -> Value:
        return self.__mul__(other)

    def __truediv__(self, other: Number) -> Value:
        return self.trace.record("div", _bits(self), self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return self.trace.record("div", _bits(self), other, self)

    def __xor__(self, other: Number) -> Value:
        return self.trace.record("logic", max(_bits(self), _bits(other)), self, other)


def minimum(left: Number, right: Number) -> Number:
    """The smaller of two."""
    return _compared(left, right) or min(left, right)


def maximum(left: Number, right: Number) -> Number:
    """The larger of two."""
    return _compared(left, right) or max(left, right)


def _compared(left: Number, right: Number) -> Value | None:
    for value in (left, right):
        if isinstance(value, Value):
            return value.trace.record("cmp", max(_bits(left), _bits(right)), left, right)
    return None


def narrowed(value: Number, bits: int) -> Number:
    """A value cut to its low ``bits``, as part of the node that makes it; fractions are left as they are."""
    if isinstance(value, Value):
        value.trace.bits[value.node] = min(value.trace.bits[value.node], bits)
        return value
    return value & ((1 << bits) - 1) if isinstance(value, int) else value


def rotated(value: Number, bits: int, width: int) -> Number:
    """A word of ``width`` bits rotated left by ``bits``: wiring, so no node."""
    if isinstance(value, Value):
        return value
    return ((value << bits) | (value >> (width - bits))) & ((1 << width) - 1)


def _bits(operand: Number) -> int:
    """Width of an operand; a constant has as many bits as most of them need."""
    return operand.trace.bits[operand.node] if isinstance(operand, Value) else 8
