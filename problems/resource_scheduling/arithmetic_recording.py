"""Data-flow graphs recorded from ordinary arithmetic.

The functions here work on numbers and on :class:`Value` objects alike: on numbers they compute, on values they add
nodes to a :class:`Recorder`. So one definition of a kernel gives its results and its graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Number: TypeAlias = Any
"""A number, or a Value that stands for one."""

WORD = 0xFFFFFFFF


@dataclass
class Recorder:
    """A data-flow graph under construction.

    Attributes:
        kinds: the operation of each node; inputs are no nodes.
        edges: (source, target) with nodes as indices into ``kinds``, each pair once.
    """

    kinds: list[str] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)

    def input(self) -> Value:
        """A value from outside, which is there in cycle 0."""
        return Value(self, None)

    def record(self, kind: str, *operands: object) -> Value:
        """The result of a new node that applies ``kind`` to ``operands``; constants are part of the operation."""
        node = len(self.kinds)
        self.kinds.append(kind)
        sources = {operand.node for operand in operands if isinstance(operand, Value) and operand.node is not None}
        self.edges += [(source, node) for source in sorted(sources)]
        return Value(self, node)


@dataclass(frozen=True)
class Value:
    """An input or the result of a node; arithmetic on it adds nodes."""

    recorder: Recorder
    node: int | None

    def __add__(self, other: Number) -> Value:
        return self.recorder.record("add", self, other)

    def __radd__(self, other: Number) -> Value:
        return self.recorder.record("add", other, self)

    def __sub__(self, other: Number) -> Value:
        return self.recorder.record("sub", self, other)

    def __rsub__(self, other: Number) -> Value:
        return self.recorder.record("sub", other, self)

    def __mul__(self, other: Number) -> Value:
        return self.recorder.record("mul", self, other)

    def __rmul__(self, other: Number) -> Value:
        return self.recorder.record("mul", other, self)

    def __truediv__(self, other: Number) -> Value:
        return self.recorder.record("div", self, other)

    def __rtruediv__(self, other: Number) -> Value:
        return self.recorder.record("div", other, self)


def square_root(value: Number) -> Number:
    """The square root."""
    return value.recorder.record("sqrt", value) if isinstance(value, Value) else math.sqrt(value)


def minimum(left: Number, right: Number) -> Number:
    """The smaller of two numbers."""
    recorder = _recorder(left, right)
    return recorder.record("cmp", left, right) if recorder else min(left, right)


def maximum(left: Number, right: Number) -> Number:
    """The larger of two numbers."""
    recorder = _recorder(left, right)
    return recorder.record("cmp", left, right) if recorder else max(left, right)


def add_words(left: Number, right: Number) -> Number:
    """The sum of two 32-bit words, modulo 2^32."""
    recorder = _recorder(left, right)
    return recorder.record("add", left, right) if recorder else (left + right) & WORD


def exclusive_or(left: Number, right: Number) -> Number:
    """The bitwise exclusive or of two words."""
    recorder = _recorder(left, right)
    return recorder.record("xor", left, right) if recorder else left ^ right


def rotated(word: Number, bits: int) -> Number:
    """A 32-bit word rotated to the left."""
    if isinstance(word, Value):
        return word.recorder.record("shift", word)
    return ((word << bits) | (word >> (32 - bits))) & WORD


def halved(value: Number) -> Number:
    """Half of a number, by a shift."""
    return value.recorder.record("shift", value) if isinstance(value, Value) else value / 2


def _recorder(*operands: Number) -> Recorder | None:
    return next((operand.recorder for operand in operands if isinstance(operand, Value)), None)
