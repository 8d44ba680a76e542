"""The graph in which two circuits are compared: AND gates and complements, each once, with simulated values."""

import random
from collections.abc import Sequence

from verifier_blif import Table

FALSE, TRUE = 0, 1
_BLOCK = 512
_TERMS = 1000
_NARROW = 8


class Graph:
    """AND gates over shared inputs; literal ``2 * node`` is a node, ``2 * node + 1`` its complement.

    Gates that make an exclusive disjunction are known by the set of nodes whose parity they are, so that all trees
    over the same nodes are one gate: their equality is what satisfiability is worst at.

    Attributes:
        inputs: number of inputs, the nodes 1, 2, ...
        fanins: the two fanins of every node, as literals; (0, 0) for the constant and inputs.
        values: simulated values of every node, one bit for each pattern.
        width: number of patterns.
    """

    def __init__(self, inputs: int, seed: int) -> None:
        """A graph without gates, to be simulated on random patterns: even ones, and mostly zeros or mostly ones."""
        rng = random.Random(seed)
        self.inputs = inputs
        self.fanins: list[tuple[int, int]] = [(0, 0)] * (inputs + 1)
        self.width = 0
        self._mask = 0
        self.values = [0] * (inputs + 1)
        self._known: dict[tuple[int, int], int] = {}
        self._terms: dict[int, tuple[frozenset[int], int]] = {}
        self._by_terms: dict[frozenset[int], int] = {}
        self.add_patterns([0b10] * inputs, 2)
        for factors in (1, 2, 4):
            block = [_biased(rng, _BLOCK, factors) for _ in range(inputs)]
            self.add_patterns(block, _BLOCK)
            self.add_patterns([word ^ ((1 << _BLOCK) - 1) for word in block], _BLOCK)
        self.add_patterns(flips(rng, inputs, _BLOCK), _BLOCK)

    def and_(self, left: int, right: int) -> int:
        """The literal of the conjunction."""
        if left > right:
            left, right = right, left
        if left == FALSE or left == right ^ 1:
            return FALSE
        if left in (TRUE, right):
            return right
        literal = self._known.get((left, right))
        if literal is None:
            operands = self._operands_of_xor(left, right)
            terms = self._terms_of_xor(*operands) if operands else None
            if terms is not None and (terms[0] in self._by_terms or len(terms[0]) < 2):
                literal = self._by_terms.get(terms[0], 2 * next(iter(terms[0]), FALSE)) ^ terms[1]
                self._known[left, right] = literal
                return literal
            literal = 2 * len(self.fanins)
            self._known[left, right] = literal
            self.fanins.append((left, right))
            self.values.append(self.value(left) & self.value(right))
            if terms is not None:
                self._terms[literal >> 1] = terms
                self._by_terms[terms[0]] = literal ^ terms[1]
        return literal

    def xor(self, left: int, right: int) -> int:
        """The literal of the exclusive disjunction."""
        return self.and_(self.and_(left, right) ^ 1, self.and_(left ^ 1, right ^ 1) ^ 1)

    def _operands_of_xor(self, left: int, right: int) -> tuple[int, int] | None:
        """The literals whose exclusive disjunction the conjunction is, if it is built like one."""
        if left & right & 1 and left >> 1 > self.inputs and right >> 1 > self.inputs:
            (a, b), (c, d) = self.fanins[left >> 1], self.fanins[right >> 1]
            if {c, d} == {a ^ 1, b ^ 1}:
                return a, b
        return None

    def _terms_of_xor(self, left: int, right: int) -> tuple[frozenset[int], int] | None:
        """The nodes whose parity the exclusive disjunction is, and whether it is complemented."""
        one, flip = self._terms.get(left >> 1, (frozenset([left >> 1]), 0))
        other, flop = self._terms.get(right >> 1, (frozenset([right >> 1]), 0))
        terms = one ^ other
        return (terms, flip ^ flop ^ (left ^ right) & 1) if len(terms) <= _TERMS else None

    def value(self, literal: int) -> int:
        """Simulated values of a literal."""
        return self.values[literal >> 1] ^ (self._mask if literal & 1 else 0)

    def signature(self, literal: int) -> tuple[int, int]:
        """Values up to complement, and whether they were complemented: literals that are equal have the same."""
        value = self.value(literal)
        return (value, 0) if not value & 1 else (value ^ self._mask, 1)

    def table(self, table: Table, fanins: Sequence[int]) -> int:
        """The literal of a table over the literals of its fanins."""
        if len(fanins) <= _NARROW:
            return self._function(table.truth(), list(fanins))
        products = []
        for cube in table.cubes:
            factors = [fanin ^ (bit == "0") for bit, fanin in zip(cube, fanins, strict=True) if bit != "-"]
            products.append(self._tree(factors) ^ 1)
        return self._tree(products) ^ (1 if table.value else 0)

    def _function(self, truth: int, fanins: list[int]) -> int:
        """The literal of a truth table, by exclusive disjunctions where there are some, else by multiplexers."""
        count = len(fanins)
        everything = variables_mask(count)
        if truth in (0, everything):
            return TRUE if truth else FALSE
        for index in reversed(range(count)):
            low, high = _cofactors(truth, index, count)
            rest = fanins[:index] + fanins[index + 1 :]
            if low == high:
                return self._function(low, rest)
            if low == high ^ variables_mask(count - 1):
                return self.xor(fanins[index], self._function(low, rest))
        low, high = _cofactors(truth, count - 1, count)
        if_true = self.and_(fanins[-1], self._function(high, fanins[:-1]))
        if_false = self.and_(fanins[-1] ^ 1, self._function(low, fanins[:-1]))
        return self.and_(if_true ^ 1, if_false ^ 1) ^ 1

    def _tree(self, literals: Sequence[int]) -> int:
        items = sorted(set(literals)) or [TRUE]
        while len(items) > 1:
            pairs = [self.and_(left, right) for left, right in zip(items[::2], items[1::2], strict=False)]
            items = pairs + items[2 * len(pairs) :]
        return items[0]

    def add_patterns(self, words: Sequence[int], count: int) -> None:
        """Simulate ``count`` more patterns; ``words`` holds the values of the inputs."""
        mask = (1 << count) - 1
        fresh = [0, *words]
        for left, right in self.fanins[self.inputs + 1 :]:
            a = fresh[left >> 1] ^ (mask if left & 1 else 0)
            b = fresh[right >> 1] ^ (mask if right & 1 else 0)
            fresh.append(a & b)
        self.values = [value << count | new for value, new in zip(self.values, fresh, strict=True)]
        self.width += count
        self._mask = (1 << self.width) - 1

    def cone_truth(self, root: int, leaves: Sequence[int], variables: Sequence[int], limit: int) -> int | None:
        """The truth table of node ``root`` over nodes ``leaves``; ``None`` if they do not cut it off in time.

        Args:
            root: a node.
            leaves: nodes.
            variables: the truth table of each leaf.
            limit: largest number of gates between them.
        """
        everything = variables_mask(len(leaves))
        known = {FALSE: 0, **dict(zip(leaves, variables, strict=True))}
        lowest = min(leaves, default=root + 1)
        stack = [root]
        while stack:
            node = stack[-1]
            if node in known:
                stack.pop()
                continue
            if node <= self.inputs or node < lowest or len(known) > limit:
                return None
            left, right = self.fanins[node]
            missing = [literal >> 1 for literal in (left, right) if literal >> 1 not in known]
            if missing:
                stack += missing
                continue
            a = known[left >> 1] ^ (everything if left & 1 else 0)
            b = known[right >> 1] ^ (everything if right & 1 else 0)
            known[node] = a & b
            stack.pop()
        return known[root]


def _cofactors(truth: int, index: int, count: int) -> tuple[int, int]:
    """The truth tables where variable ``index`` is 0 and where it is 1, over the other variables."""
    block = 1 << index
    mask = (1 << block) - 1
    low = high = 0
    for place in range(1 << (count - 1 - index)):
        low |= (truth >> 2 * block * place & mask) << block * place
        high |= (truth >> (2 * place + 1) * block & mask) << block * place
    return low, high


def _biased(rng: random.Random, count: int, factors: int) -> int:
    """``count`` random bits that are 1 with probability 2^-factors."""
    word = (1 << count) - 1
    for _ in range(factors):
        word &= rng.getrandbits(count)
    return word


def flips(rng: random.Random, inputs: int, count: int) -> list[int]:
    """``count`` patterns in each of which one to three random inputs are 1."""
    words = [0] * inputs
    for pattern in range(count if inputs else 0):
        for _ in range(rng.randint(1, 3)):
            words[rng.randrange(inputs)] |= 1 << pattern
    return words


def variables_mask(count: int) -> int:
    """The truth table of the constant true over ``count`` variables."""
    return (1 << (1 << count)) - 1
