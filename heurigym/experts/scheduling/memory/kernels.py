"""Kernels whose intermediate values need memory, written once as mathematics.

Every kernel takes ``read``, which gives its next input, and a size, and returns its outputs. It uses only
arithmetic and the functions of :mod:`heurigym.experts.scheduling.memory.trace`, so that it computes where ``read``
gives numbers and records a data-flow graph where ``read`` gives values of a trace.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TypeAlias

from heurigym.experts.scheduling.memory.trace import Number, maximum, minimum, narrowed, rotated

Read: TypeAlias = Callable[[], Number]
Kernel: TypeAlias = Callable[[Read, int], list[Number]]

_WORD = 32


def tree_sum(values: Sequence[Number]) -> Number:
    """The sum, in a balanced tree."""
    while len(values) > 1:
        pairs = [left + right for left, right in zip(values[::2], values[1::2], strict=False)]
        values = pairs + list(values[len(values) - len(values) % 2 :])
    return values[0]


def chain_sum(values: Sequence[Number]) -> Number:
    """The sum, one after the other."""
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _rows(read: Read, rows: int, columns: int) -> list[list[Number]]:
    return [[read() for _ in range(columns)] for _ in range(rows)]


def matrix_product(read: Read, size: int) -> list[Number]:
    """The product of two matrices of ``size`` rows and columns, row by row."""
    left, right = _rows(read, size, size), _rows(read, size, size)
    return [tree_sum([x * right[k][j] for k, x in enumerate(row)]) for row in left for j in range(size)]


def fft(read: Read, size: int) -> list[Number]:
    """The discrete Fourier transform of ``2**size`` complex numbers, real and imaginary parts in turn."""
    values = [(read(), read()) for _ in range(2**size)]
    return [part for pair in _fft(values) for part in pair]


def _fft(values: list[tuple[Number, Number]]) -> list[tuple[Number, Number]]:
    if len(values) == 1:
        return values
    even, odd = _fft(values[::2]), _fft(values[1::2])
    low, high = [], []
    for k, ((a, b), (c, d)) in enumerate(zip(even, odd, strict=True)):
        turn = cmath.exp(-2j * cmath.pi * k / len(values))
        x, y = (c, d) if k == 0 else (turn.real * c - turn.imag * d, turn.real * d + turn.imag * c)
        low.append((a + x, b + y))
        high.append((a - x, b - y))
    return low + high


def sorting_network(read: Read, size: int) -> list[Number]:
    """``2**size`` numbers in ascending order, by Batcher's bitonic network."""
    values = [read() for _ in range(2**size)]
    for stage in range(1, size + 1):
        for step in reversed(range(stage)):
            for low in range(len(values)):
                high = low | 1 << step
                if high == low:
                    continue
                pair = values[low], values[high]
                small, large = minimum(*pair), maximum(*pair)
                ascending = not low >> stage & 1
                values[low], values[high] = (small, large) if ascending else (large, small)
    return values


def stencil(read: Read, size: int) -> list[Number]:
    """``size`` steps of a three-point average on a ring of ``2 * size`` cells."""
    cells = [read() for _ in range(2 * size)]
    for _ in range(size):
        cells = [0.25 * (cells[i - 1] + cells[(i + 1) % len(cells)]) + 0.5 * cells[i] for i in range(len(cells))]
    return cells


def convolution_layers(read: Read, size: int) -> list[Number]:
    """Two 3 x 3 convolutions with a rectifier between, valid region only, on a square of ``size + 4`` cells."""
    image = _rows(read, size + 4, size + 4)
    for layer in range(2):
        edge = len(image) - 2
        image = [
            [
                maximum(
                    tree_sum([_tap(layer, u, v) * image[i + u][j + v] for u in range(3) for v in range(3)]), 0.0
                )
                for j in range(edge)
            ]
            for i in range(edge)
        ]
    return [cell for row in image for cell in row]


def _tap(layer: int, row: int, column: int) -> float:
    return 0.3 - 0.1 * ((layer + 3 * row + column) % 5)


def cholesky(read: Read, size: int) -> list[Number]:
    """The factors L (unit diagonal) and D of a symmetric matrix, column by column, without square roots."""
    given = {(i, j): read() for i in range(size) for j in range(i + 1)}
    lower: dict[tuple[int, int], Number] = {}
    diagonal: list[Number] = []
    for j in range(size):
        scaled = [lower[j, k] * diagonal[k] for k in range(j)]
        pivot = given[j, j]
        for k in range(j):
            pivot = pivot - lower[j, k] * scaled[k]
        diagonal.append(pivot)
        for i in range(j + 1, size):
            rest = given[i, j]
            for k in range(j):
                rest = rest - lower[i, k] * scaled[k]
            lower[i, j] = rest / pivot
    return diagonal + [lower[i, j] for i in range(size) for j in range(i)]


def attention(read: Read, size: int) -> list[Number]:
    """Linear attention of ``size`` tokens with four channels: scores, sums of them, and weighted values."""
    queries, keys, values = (_rows(read, size, 4) for _ in range(3))
    outputs = []
    for query in queries:
        scores = [tree_sum([q * k for q, k in zip(query, key, strict=True)]) for key in keys]
        total = tree_sum(scores)
        for channel in range(4):
            weighted = chain_sum([score * value[channel] for score, value in zip(scores, values, strict=True)])
            outputs.append(weighted / total)
    return outputs


def all_pairs(read: Read, size: int) -> list[Number]:
    """The sum of products of differences between each of ``size + 1`` points in the plane and all others."""
    points = [(read(), read()) for _ in range(size + 1)]
    pulls: list[list[Number]] = [[] for _ in points]
    for i, (x, y) in enumerate(points):
        for j in range(i):
            across, up = x - points[j][0], y - points[j][1]
            pull = across * across + up * up
            pulls[i].append(pull)
            pulls[j].append(pull)
    return [chain_sum(pull) for pull in pulls]


def prefix_sums(read: Read, size: int) -> list[Number]:
    """The prefix sums of ``2**size`` numbers, by Kogge and Stone's network."""
    values = [read() for _ in range(2**size)]
    reach = 1
    while reach < len(values):
        values = values[:reach] + [values[i] + values[i - reach] for i in range(reach, len(values))]
        reach *= 2
    return values


def horner_bank(read: Read, size: int) -> list[Number]:
    """``size`` polynomials of that degree at one point, by Horner's rule, and the sum of the results."""
    point = read()
    results = []
    for _ in range(size):
        value = read()
        for _ in range(size):
            value = value * point + read()
        results.append(value)
    return [tree_sum(results)]


def chacha_rounds(read: Read, size: int) -> list[Number]:
    """``size`` double rounds of the stream cipher ChaCha on sixteen words, the input added at the end."""
    state = [narrowed(read(), _WORD) for _ in range(16)]
    first = list(state)
    for _ in range(size):
        for column in range(4):
            _quarter(state, *(column + 4 * row for row in range(4)))
        for column in range(4):
            _quarter(state, *((column + row) % 4 + 4 * row for row in range(4)))
    return [narrowed(a + b, _WORD) for a, b in zip(state, first, strict=True)]


def _quarter(state: list[Number], a: int, b: int, c: int, d: int) -> None:
    for total, addend, mixed, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[total] = narrowed(state[total] + state[addend], _WORD)
        state[mixed] = rotated(state[mixed] ^ state[total], turn, _WORD)


def edit_distance(read: Read, size: int) -> list[Number]:
    """The dynamic program of a cheapest alignment of two sequences of ``size``, mismatch by squared difference."""
    first, second = ([read() for _ in range(size)] for _ in range(2))
    above: list[Number] = [0.0] + [i + 1.0 for i in range(size)]
    for i, x in enumerate(first):
        row: list[Number] = [i + 1.0]
        for j, y in enumerate(second):
            gap = x - y
            change = gap * gap + above[j]
            row.append(minimum(change, minimum(above[j + 1], row[j]) + 1.0))
        above = row
    return [above[-1]]


KERNELS: MappingProxyType[str, Kernel] = MappingProxyType(
    {
        kernel.__name__: kernel
        for kernel in (
            all_pairs,
            attention,
            chacha_rounds,
            cholesky,
            convolution_layers,
            edit_distance,
            fft,
            horner_bank,
            matrix_product,
            prefix_sums,
            sorting_network,
            stencil,
        )
    }
)
"""The kernels by name."""
