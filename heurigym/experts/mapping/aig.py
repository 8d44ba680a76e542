"""And-inverter graphs: the form of a Boolean circuit that mappers work on.

Literals are those of the AIGER format: node ``v`` is the literal ``2 * v``, its complement ``2 * v + 1``.
Node 0 is the constant false, nodes ``1 ... inputs`` are the inputs, and every node after them is the AND of two
literals of nodes before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FALSE = 0
TRUE = 1


@dataclass(frozen=True, slots=True)
class Aig:
    """An and-inverter graph.

    Attributes:
        inputs: number of inputs.
        gates: literals of the two fanins of each AND gate, in topological order; shape (gates, 2), int64.
        outputs: literal of each output, int64.
    """

    inputs: int
    gates: NDArray[np.int64]
    outputs: NDArray[np.int64]

    @classmethod
    def of(cls, inputs: int, gates: Sequence[Sequence[int]], outputs: Sequence[int]) -> Self:
        """The graph of lists of literals."""
        return cls(inputs, np.array(gates, np.int64).reshape(-1, 2), np.array(outputs, np.int64))

    @property
    def nodes(self) -> int:
        """Number of nodes: the constant, the inputs and the gates."""
        return 1 + self.inputs + len(self.gates)

    @property
    def first_gate(self) -> int:
        """Number of the first node that is a gate."""
        return 1 + self.inputs

    def levels(self) -> list[int]:
        """For each node the number of gates on the longest path to it."""
        level = [0] * self.first_gate
        for left, right in self.gates.tolist():
            level.append(1 + max(level[left >> 1], level[right >> 1]))
        return level


class AigBuilder:
    """Builds an and-inverter graph: constants are propagated and no two gates have the same fanins."""

    def __init__(self, inputs: int) -> None:
        """Start with ``inputs`` inputs and no gate."""
        self.inputs = [2 * (index + 1) for index in range(inputs)]
        self._gates: list[tuple[int, int]] = []
        self._known: dict[tuple[int, int], int] = {}

    def and_(self, left: int, right: int) -> int:
        """The literal of ``left & right``."""
        if left > right:
            left, right = right, left
        if left == FALSE or left == right ^ 1:
            return FALSE
        if left in (TRUE, right):
            return right
        key = (left, right)
        literal = self._known.get(key)
        if literal is None:
            self._gates.append(key)
            literal = 2 * (len(self.inputs) + len(self._gates))
            self._known[key] = literal
        return literal

    def or_(self, left: int, right: int) -> int:
        """The literal of ``left | right``."""
        return self.and_(left ^ 1, right ^ 1) ^ 1

    def xor(self, left: int, right: int) -> int:
        """The literal of ``left ^ right``."""
        return self.and_(self.and_(left, right) ^ 1, self.and_(left ^ 1, right ^ 1) ^ 1)

    def mux(self, select: int, if_true: int, if_false: int) -> int:
        """The literal of ``if_true`` where ``select`` holds, else of ``if_false``."""
        return self.or_(self.and_(select, if_true), self.and_(select ^ 1, if_false))

    def all_(self, literals: Sequence[int]) -> int:
        """The conjunction of ``literals`` as a balanced tree."""
        items = list(literals) or [TRUE]
        while len(items) > 1:
            pairs = [self.and_(left, right) for left, right in zip(items[::2], items[1::2], strict=False)]
            items = pairs + items[2 * len(pairs) :]
        return items[0]

    def any_(self, literals: Sequence[int]) -> int:
        """The disjunction of ``literals`` as a balanced tree."""
        return self.all_([literal ^ 1 for literal in literals]) ^ 1

    def parity(self, literals: Sequence[int]) -> int:
        """The parity of ``literals`` as a balanced tree."""
        items = list(literals) or [FALSE]
        while len(items) > 1:
            pairs = [self.xor(left, right) for left, right in zip(items[::2], items[1::2], strict=False)]
            items = pairs + items[2 * len(pairs) :]
        return items[0]

    def build(self, outputs: Sequence[int]) -> Aig:
        """The graph of the gates that ``outputs`` need, renumbered without gaps; inputs all stay."""
        first = 1 + len(self.inputs)
        needed = bytearray(first + len(self._gates))
        for literal in outputs:
            needed[literal >> 1] = 1
        for index in range(len(self._gates) - 1, -1, -1):
            if needed[first + index]:
                left, right = self._gates[index]
                needed[left >> 1] = needed[right >> 1] = 1
        number = list(range(first))
        gates: list[tuple[int, int]] = []
        for index, (left, right) in enumerate(self._gates):
            if needed[first + index]:
                number.append(first + len(gates))
                gates.append((2 * number[left >> 1] | left & 1, 2 * number[right >> 1] | right & 1))
            else:
                number.append(-1)
        renamed = [2 * number[literal >> 1] | literal & 1 for literal in outputs]
        return Aig(
            len(self.inputs),
            np.array(gates, dtype=np.int64).reshape(-1, 2),
            np.array(renamed, dtype=np.int64),
        )


def simulate(aig: Aig, words: Sequence[int], width: int) -> list[int]:
    """The outputs of ``aig`` for ``width`` input patterns at once.

    Args:
        aig: the circuit.
        words: for each input its values; bit p is its value in pattern p.
        width: number of patterns.

    Returns:
        For each output its values, as ``words``.
    """
    mask = (1 << width) - 1
    values = [0, *words]
    for left, right in aig.gates.tolist():
        a = values[left >> 1] ^ (mask if left & 1 else 0)
        b = values[right >> 1] ^ (mask if right & 1 else 0)
        values.append(a & b)
    return [values[literal >> 1] ^ (mask if literal & 1 else 0) for literal in aig.outputs.tolist()]
