"""Tensor programs: operations over named indices, their gradients, and when each result is in memory.

Every operation is written as an einsum: each operand and the result carry one letter for each dimension, letters
that the result lacks are summed over. The gradient of such an operation is again one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

ACTIVATION, WEIGHT, OUTPUT = "activation", "weight", "output"


@dataclass(frozen=True, slots=True)
class Node:
    """One operation or one input of a program.

    Attributes:
        kind: ``WEIGHT`` and ``OUTPUT`` stay in memory to the last step, ``ACTIVATION`` while it is used.
        letters: the letter of each dimension of the result.
        operands: (node, its letters in this operation), one for each operand.
        halo: letters whose sharding needs an exchange between neighbours, as in a convolution.
        reduced: letters whose sharding needs a small all-reduce, as in a softmax.
        work: multiply-adds for each point of the index space.
    """

    kind: str
    letters: str
    operands: tuple[tuple[int, str], ...] = ()
    halo: str = ""
    reduced: str = ""
    work: int = 1

    @property
    def summed(self) -> str:
        """The letters that the operation sums over."""
        inner = dict.fromkeys("".join(letters for _, letters in self.operands))
        return "".join(letter for letter in inner if letter not in self.letters)

    @property
    def space(self) -> str:
        """All letters of the operation."""
        return self.letters + self.summed


@dataclass
class Program:
    """A program under construction, in the order in which it runs.

    Attributes:
        sizes: the extent of each letter.
        nodes: operations and inputs; operands come before their users.
    """

    sizes: Mapping[str, int]
    nodes: list[Node] = field(default_factory=list)

    def put(self, node: Node) -> int:
        """Append a node; its number."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def source(self, letters: str) -> int:
        """A batch of data, which is there from the first step until its last use."""
        return self.put(Node(ACTIVATION, letters))

    def weight(self, letters: str) -> int:
        """A tensor of parameters."""
        return self.put(Node(WEIGHT, letters))

    def product(
        self, left: tuple[int, str], right: tuple[int, str], letters: str, halo: str = "", work: int = 1
    ) -> int:
        """The einsum of two operands."""
        return self.put(Node(ACTIVATION, letters, (left, right), halo=halo, work=work))

    def pointwise(self, *operands: int, reduced: str = "") -> int:
        """An operation that keeps the shape of its operands, which all have the letters of the first."""
        letters = self.nodes[operands[0]].letters
        return self.put(Node(ACTIVATION, letters, tuple((node, letters) for node in operands), reduced=reduced))

    def relabelled(self, node: int, letters: str) -> tuple[int, str]:
        """A node as an operand whose dimensions have other letters of the same sizes."""
        return node, letters

    def train(self, last: int) -> None:
        """Append the gradient of everything that ``last`` depends on, and the updates of the weights."""
        parts: dict[int, list[int]] = defaultdict(list)
        parts[last] = [self.pointwise(last)]
        for number in range(last, -1, -1):
            node = self.nodes[number]
            if not parts[number] or (not node.operands and node.kind == ACTIVATION):
                continue
            gradient = parts[number][0] if len(parts[number]) == 1 else self.pointwise(*parts[number])
            if node.kind == WEIGHT:
                letters = node.letters
                self.put(Node(OUTPUT, letters, ((number, letters), (gradient, letters))))
            for operand, letters in node.operands:
                if self.nodes[operand].operands or self.nodes[operand].kind == WEIGHT:
                    parts[operand].append(self._gradient(number, node, gradient, operand, letters))

    def _gradient(self, number: int, node: Node, gradient: int, operand: int, letters: str) -> int:
        others = [pair for pair in node.operands if pair != (operand, letters)]
        if node.letters == letters and all(pair[1] == letters for pair in others):
            # A sum passes the gradient on; a function of one operand needs its own result again.
            return gradient if others else self.pointwise(gradient, number, reduced=node.reduced)
        place = self.nodes[operand].letters
        back = str.maketrans(letters, place) if letters != place else {}
        # Letters are renamed so that the gradient has those of the operand, and what collides moves away.
        swap = dict(back) | {ord(new): old for old, new in zip(letters, place, strict=True) if new != old}

        def renamed(text: str) -> str:
            return text.translate(swap)

        operands = ((gradient, renamed(node.letters)), *((other, renamed(names)) for other, names in others))
        return self.put(Node(ACTIVATION, place, operands, halo=renamed(node.halo), work=node.work))

    def intervals(self) -> list[tuple[int, int]]:
        """The half-open interval of steps in which each node's result is in memory; a step runs one operation."""
        steps, clock = [], 0
        for node in self.nodes:
            steps.append(clock)
            clock += bool(node.operands)
        last = [step + 1 for step in steps]
        for number, node in enumerate(self.nodes):
            for operand, _ in node.operands:
                last[operand] = max(last[operand], steps[number] + 1)
        begins = [step if node.operands else 0 for step, node in zip(steps, self.nodes, strict=True)]
        return [
            (0, clock) if node.kind == WEIGHT else (begin, clock if node.kind == OUTPUT else min(end, clock))
            for node, begin, end in zip(self.nodes, begins, last, strict=True)
        ]
