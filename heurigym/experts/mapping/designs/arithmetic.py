"""Adders, multipliers, dividers and square roots. Words are lists of literals, least significant bit first."""

from collections.abc import Sequence

from heurigym.experts.mapping.aig import FALSE, TRUE, AigBuilder

Word = list[int]


def half_adder(b: AigBuilder, x: int, y: int) -> tuple[int, int]:
    """Sum and carry of two bits."""
    return b.xor(x, y), b.and_(x, y)


def full_adder(b: AigBuilder, x: int, y: int, z: int) -> tuple[int, int]:
    """Sum and carry of three bits."""
    partial = b.xor(x, y)
    return b.xor(partial, z), b.or_(b.and_(x, y), b.and_(partial, z))


def ripple_add(b: AigBuilder, x: Sequence[int], y: Sequence[int], carry: int = FALSE) -> tuple[Word, int]:
    """Sum, as wide as ``x``, and carry of two words of the same width, carry after carry."""
    total = []
    for left, right in zip(x, y, strict=True):
        bit, carry = full_adder(b, left, right, carry)
        total.append(bit)
    return total, carry


def prefix_add(
    b: AigBuilder, x: Sequence[int], y: Sequence[int], carry: int = FALSE, *, sparse: bool = False
) -> tuple[Word, int]:
    """Sum and carry of two words by a parallel-prefix network.

    Args:
        b: the circuit.
        x: a word.
        y: a word of the same width.
        carry: carry in.
        sparse: Sklansky's network of least size and depth with large fanouts; else Kogge and Stone's.
    """
    propagate = [b.xor(left, right) for left, right in zip(x, y, strict=True)]
    group = [(b.and_(left, right), bit) for left, right, bit in zip(x, y, propagate, strict=True)]
    group[0] = (b.or_(group[0][0], b.and_(group[0][1], carry)), FALSE)
    distance = 1
    while distance < len(group):
        before = list(group)
        for index in range(len(group)):
            if sparse:
                other = (index // distance) * distance - 1 if index // distance % 2 else -1
            else:
                other = index - distance
            if other >= 0:
                generate, through = before[index]
                low_generate, low_through = before[other]
                group[index] = (b.or_(generate, b.and_(through, low_generate)), b.and_(through, low_through))
        distance *= 2
    carries = [carry] + [generate for generate, _ in group]
    return [b.xor(bit, into) for bit, into in zip(propagate, carries, strict=False)], carries[-1]


def subtract(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> tuple[Word, int]:
    """The difference ``x - y``, and whether ``x >= y``."""
    return ripple_add(b, x, [bit ^ 1 for bit in y], TRUE)


def negate_if(b: AigBuilder, condition: int, x: Sequence[int]) -> Word:
    """The two's complement negation of ``x`` where ``condition`` holds, else ``x``."""
    flipped = [b.xor(bit, condition) for bit in x]
    carry, result = condition, []
    for bit in flipped:
        value, carry = half_adder(b, bit, carry)
        result.append(value)
    return result


def choose(b: AigBuilder, select: int, if_true: Sequence[int], if_false: Sequence[int]) -> Word:
    """One of two words of the same width."""
    return [b.mux(select, left, right) for left, right in zip(if_true, if_false, strict=True)]


def compress(b: AigBuilder, columns: Sequence[Sequence[int]], width: int) -> tuple[Word, Word]:
    """Two words whose sum is that of the bits in ``columns``, modulo 2^width, by a Dadda tree."""
    heap = [list(column) for column in columns[:width]] + [[] for _ in range(width - len(columns))]
    heights = [2]
    while heights[-1] < max(len(column) for column in heap):
        heights.append(heights[-1] * 3 // 2)
    for height in reversed(heights):
        for index, column in enumerate(heap):
            while len(column) > height:
                if len(column) == height + 1:
                    bit, carry = half_adder(b, column.pop(0), column.pop(0))
                else:
                    bit, carry = full_adder(b, column.pop(0), column.pop(0), column.pop(0))
                column.append(bit)
                if index + 1 < width:
                    heap[index + 1].append(carry)
    first = [column[0] if column else FALSE for column in heap]
    second = [column[1] if len(column) > 1 else FALSE for column in heap]
    return first, second


def array_multiply(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> Word:
    """The product of two unsigned words, one row of partial products added after the other."""
    total: Word = [b.and_(bit, y[0]) for bit in x] + [FALSE]
    product = [total[0]]
    for factor in y[1:]:
        row = [b.and_(bit, factor) for bit in x]
        total_bits, carry = ripple_add(b, total[1:], row)
        total = [*total_bits, carry]
        product.append(total[0])
    return product + total[1:]


def dadda_multiply(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> Word:
    """The product of two unsigned words by a Dadda tree and a prefix adder."""
    width = len(x) + len(y)
    columns: list[Word] = [[] for _ in range(width)]
    for i, left in enumerate(x):
        for j, right in enumerate(y):
            columns[i + j].append(b.and_(left, right))
    return prefix_add(b, *compress(b, columns, width), sparse=True)[0]


def booth_multiply(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> Word:
    """The product of two unsigned words by radix-4 Booth recoding of ``y``."""
    width = len(x) + len(y)
    columns: list[Word] = [[] for _ in range(width)]
    multiplier = [FALSE, *y, FALSE, FALSE]
    for digit in range(len(y) // 2 + 1):
        low, middle, high = multiplier[2 * digit : 2 * digit + 3]
        one = b.xor(low, middle)
        two = b.and_(b.xor(middle, high), one ^ 1)
        doubled = [FALSE, *x]
        single = [*x, FALSE]
        row = [
            b.xor(b.or_(b.and_(one, bit), b.and_(two, shifted)), high)
            for bit, shifted in zip(single, doubled, strict=True)
        ]
        base = 2 * digit
        for index, bit in enumerate(row + [high] * max(0, width - base - len(row))):
            if base + index < width:
                columns[base + index].append(bit)
        if base < width:
            columns[base].append(high)
    return prefix_add(b, *compress(b, columns, width))[0]


def restoring_divide(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> tuple[Word, Word]:
    """Quotient and remainder of two unsigned words; for ``y = 0`` the quotient is all ones."""
    remainder: Word = [FALSE] * len(y)
    quotient: Word = []
    for bit in reversed(x):
        shifted = [bit, *remainder]
        difference, enough = subtract(b, shifted, [*y, FALSE])
        quotient.append(enough)
        remainder = choose(b, enough, difference, shifted)[: len(y)]
    return quotient[::-1], remainder


def square_root(b: AigBuilder, x: Sequence[int]) -> Word:
    """The integer square root of an unsigned word of even width, digit by digit."""
    half = len(x) // 2
    remainder: Word = [FALSE] * (half + 2)
    root: Word = []
    for step in range(half):
        high = len(x) - 2 * step
        shifted = [x[high - 2], x[high - 1], *remainder[:half]]
        trial = [TRUE, FALSE, *root[::-1], *[FALSE] * (half - len(root))]
        difference, enough = subtract(b, shifted, trial)
        remainder = choose(b, enough, difference, shifted)
        root.append(enough)
    return root[::-1]


def less_than(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> int:
    """Whether ``x < y``, for unsigned words, comparing halves."""

    def compare(low: int, high: int) -> tuple[int, int]:
        if high - low == 1:
            return b.and_(x[low] ^ 1, y[low]), b.xor(x[low], y[low]) ^ 1
        middle = (low + high) // 2
        low_less, low_equal = compare(low, middle)
        high_less, high_equal = compare(middle, high)
        return b.or_(high_less, b.and_(high_equal, low_less)), b.and_(high_equal, low_equal)

    return compare(0, len(x))[0]
