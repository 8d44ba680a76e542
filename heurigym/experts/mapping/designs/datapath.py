"""Shifters, an ALU, a sorting network, filters, CORDIC and a floating-point adder."""

from collections.abc import Sequence
from math import atan

from heurigym.experts.mapping.aig import FALSE, AigBuilder
from heurigym.experts.mapping.designs.arithmetic import (
    Word,
    choose,
    compress,
    less_than,
    negate_if,
    prefix_add,
    ripple_add,
    subtract,
)


def rotate_left(b: AigBuilder, x: Sequence[int], amount: Sequence[int]) -> Word:
    """``x`` rotated left by ``amount``, a word with log2 of the width as its width."""
    word = list(x)
    for index, bit in enumerate(amount):
        shift = (1 << index) % len(word)
        word = choose(b, bit, word[-shift:] + word[:-shift] if shift else word, word)
    return word


def shift_right(b: AigBuilder, x: Sequence[int], amount: Sequence[int], fill: int = FALSE) -> Word:
    """``x`` shifted right by ``amount``, with ``fill`` coming in."""
    word = list(x)
    for index, bit in enumerate(amount):
        shift = min(1 << index, len(word))
        word = choose(b, bit, word[shift:] + [fill] * shift, word)
    return word


def shift_left(b: AigBuilder, x: Sequence[int], amount: Sequence[int]) -> Word:
    """``x`` shifted left by ``amount``, zeros coming in."""
    return shift_right(b, list(x)[::-1], amount)[::-1]


def alu(b: AigBuilder, x: Sequence[int], y: Sequence[int], operation: Sequence[int]) -> Word:
    """Add, subtract, and, or, xor, set-less-than, shift left, shift right: chosen by three bits."""
    width = len(x)
    inverted = [b.xor(bit, operation[0]) for bit in y]
    total, _ = prefix_add(b, x, inverted, operation[0], sparse=True)
    amount = list(y[: max(1, (width - 1).bit_length())])
    results = [
        total,
        total,
        [b.and_(p, q) for p, q in zip(x, y, strict=True)],
        [b.or_(p, q) for p, q in zip(x, y, strict=True)],
        [b.xor(p, q) for p, q in zip(x, y, strict=True)],
        [less_than(b, x, y)] + [FALSE] * (width - 1),
        shift_left(b, x, amount),
        shift_right(b, x, amount),
    ]
    for bit in operation:
        results = [choose(b, bit, odd, even) for even, odd in zip(results[::2], results[1::2], strict=True)]
    return results[0]


def sort_words(b: AigBuilder, words: Sequence[Sequence[int]]) -> list[Word]:
    """``words`` in ascending order, by Batcher's odd-even merge network for any number of words."""
    lines = [list(word) for word in words]
    count = len(lines)
    phase = 1
    while phase < count:
        step = phase
        while step >= 1:
            for low in range(step % phase, count - step, 2 * step):
                for index in range(min(step, count - low - step)):
                    first, second = low + index, low + index + step
                    if first // (2 * phase) == second // (2 * phase):
                        swap = less_than(b, lines[second], lines[first])
                        lines[first], lines[second] = (
                            choose(b, swap, lines[second], lines[first]),
                            choose(b, swap, lines[first], lines[second]),
                        )
            step //= 2
        phase *= 2
    return lines


def fir(b: AigBuilder, samples: Sequence[Sequence[int]], taps: Sequence[int], width: int) -> Word:
    """The sum of unsigned samples times constant taps, modulo 2^width; taps in canonical signed digits."""
    columns: list[Word] = [[] for _ in range(width)]
    constant = 0
    for sample, tap in zip(samples, taps, strict=True):
        position, rest = 0, tap
        while rest:
            if rest & 1:
                digit = 2 - (rest & 3)
                rest -= digit
                for index, bit in enumerate(sample):
                    if position + index < width:
                        columns[position + index].append(bit if digit > 0 else bit ^ 1)
                if digit < 0:
                    # -x is ~x + 1 over the full width, and the sign bits of ~x are ones.
                    constant += (1 << position) - (1 << (position + len(sample)))
            rest >>= 1
            position += 1
    for index in range(width):
        if constant >> index & 1:
            columns[index].append(1)
    return prefix_add(b, *compress(b, columns, width), sparse=True)[0]


def cordic_rotate(
    b: AigBuilder, x: Sequence[int], y: Sequence[int], angle: Sequence[int], steps: int
) -> tuple[Word, Word, Word]:
    """CORDIC in rotation mode: two's complement words of one width; the angle's unit is 2^-(width-2) radians."""
    width = len(x)
    px, py, rest = list(x), list(y), list(angle)
    for step in range(steps):
        clockwise = rest[-1]
        shifted_x = px[step:] + [px[-1]] * min(step, width)
        shifted_y = py[step:] + [py[-1]] * min(step, width)
        turn = round(atan(2.0**-step) * (1 << (width - 2)))
        constant = [turn >> index & 1 for index in range(width)]
        px, py, rest = (
            _add_or_subtract(b, px, shifted_y[:width], clockwise ^ 1),
            _add_or_subtract(b, py, shifted_x[:width], clockwise),
            _add_or_subtract(b, rest, constant, clockwise ^ 1),
        )
    return px, py, rest


def _add_or_subtract(b: AigBuilder, x: Sequence[int], y: Sequence[int], minus: int) -> Word:
    return ripple_add(b, x, [b.xor(bit, minus) for bit in y], minus)[0]


def float_add(b: AigBuilder, x: Sequence[int], y: Sequence[int], exponent: int) -> Word:
    """The truncated sum of two floating-point numbers: fraction, ``exponent`` bits, sign; no special values."""
    fraction = len(x) - exponent - 1
    swap = less_than(b, x[:-1], y[:-1])
    large = choose(b, swap, y, x)
    small = choose(b, swap, x, y)
    distance, _ = subtract(b, large[fraction:-1], small[fraction:-1])
    guard = 3
    big = [FALSE] * guard + [*large[:fraction], b.any_(large[fraction:-1])]
    little = shift_right(b, [FALSE] * guard + [*small[:fraction], b.any_(small[fraction:-1])], distance)
    minus = b.xor(large[-1], small[-1])
    total, carry = ripple_add(b, big, [b.xor(bit, minus) for bit in little], minus)
    total = [*total, b.and_(carry, minus ^ 1)]
    shift: Word = []
    for index in reversed(range((len(total) - 1).bit_length())):
        span = 1 << index
        empty = b.any_(total[-span:]) ^ 1
        total = choose(b, empty, [FALSE] * min(span, len(total)) + total[: len(total) - span], total)
        shift.insert(0, empty)
    grown, _ = ripple_add(b, large[fraction:-1], [1] + [FALSE] * (exponent - 1))
    padded = (shift + [FALSE] * exponent)[:exponent]
    power, _ = subtract(b, grown, padded)
    alive = total[-1]
    return [b.and_(bit, alive) for bit in total[-1 - fraction : -1] + power] + [b.and_(large[-1], alive)]


def absolute_difference(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> Word:
    """``|x - y|`` of unsigned words."""
    difference, at_least = subtract(b, x, y)
    return negate_if(b, at_least ^ 1, difference)
