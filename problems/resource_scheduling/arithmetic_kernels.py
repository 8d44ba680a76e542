"""Kernels of simulation, linear algebra, signal processing and cryptography, written once as mathematics.

Every kernel takes ``read``, which gives its next input, and a size, and returns its outputs. The same code computes
where ``read`` gives numbers, and records a data-flow graph where it gives values of a recorder.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from arithmetic_recording import Number, add_words, exclusive_or, halved, maximum, minimum, rotated, square_root

Read: TypeAlias = Callable[[], Number]
Kernel: TypeAlias = Callable[[Read, int], list[Number]]


def tree_sum(values: Sequence[Number]) -> Number:
    """The sum, in a balanced tree."""
    while len(values) > 1:
        pairs = [left + right for left, right in zip(values[::2], values[1::2], strict=False)]
        values = pairs + list(values[len(values) - len(values) % 2 :])
    return values[0]


def runge_kutta(read: Read, size: int) -> list[Number]:
    """``size`` steps of 0.1 by the classical Runge-Kutta method for x' = x - xy and y' = xy - y."""
    x, y = read(), read()

    def slope(x: Number, y: Number) -> tuple[Number, Number]:
        product = x * y
        return x - product, product - y

    for _ in range(size):
        k1x, k1y = slope(x, y)
        k2x, k2y = slope(x + 0.05 * k1x, y + 0.05 * k1y)
        k3x, k3y = slope(x + 0.05 * k2x, y + 0.05 * k2y)
        k4x, k4y = slope(x + 0.1 * k3x, y + 0.1 * k3y)
        x = x + (0.1 / 6) * (k1x + 2 * (k2x + k3x) + k4x)
        y = y + (0.1 / 6) * (k1y + 2 * (k2y + k3y) + k4y)
    return [x, y]


def gravity(read: Read, size: int) -> list[Number]:
    """Accelerations of ``size`` bodies of the same mass in the plane, each pair computed once."""
    places = [(read(), read()) for _ in range(size)]
    pulls: list[list[tuple[Number, Number]]] = [[] for _ in places]
    for i in range(size):
        for j in range(i):
            dx, dy = places[j][0] - places[i][0], places[j][1] - places[i][1]
            square = dx * dx + dy * dy
            strength = 1.0 / (square * square_root(square))
            fx, fy = dx * strength, dy * strength
            pulls[i].append((fx, fy))
            pulls[j].append((-1.0 * fx, -1.0 * fy))
    return [tree_sum([pull[axis] for pull in own]) for own in pulls for axis in (0, 1)]


def rotations(read: Read, size: int) -> list[Number]:
    """The product of ``size`` quaternions, one after the other."""
    a, b, c, d = (read() for _ in range(4))
    for _ in range(size - 1):
        e, f, g, h = (read() for _ in range(4))
        a, b, c, d = (
            (a * e - b * f) - (c * g + d * h),
            (a * f + b * e) + (c * h - d * g),
            (a * g - b * h) + (c * e + d * f),
            (a * h + b * g) + (d * e - c * f),
        )
    return [a, b, c, d]


def sorting_network(read: Read, size: int) -> list[Number]:
    """2^size values in ascending order, by Batcher's odd-even merge sort."""
    values = [read() for _ in range(2**size)]
    count = len(values)
    span = 1
    while span < count:
        step = span
        while step >= 1:
            for first in range(step % span, count - step, 2 * step):
                for low in range(first, min(first + step, count - step)):
                    if low // (2 * span) == (low + step) // (2 * span):
                        pair = values[low], values[low + step]
                        values[low], values[low + step] = minimum(*pair), maximum(*pair)
            step //= 2
        span *= 2
    return values


def wavelet(read: Read, size: int) -> list[Number]:
    """``size`` levels of the 5/3 lifting scheme on 2^(size + 2) samples, mirrored at the ends."""
    low = [read() for _ in range(2 ** (size + 2))]
    outputs: list[Number] = []
    for _ in range(size):
        even, odd = low[::2], low[1::2]
        count = len(odd)
        detail = [odd[k] - halved(even[k] + even[min(k + 1, count - 1)]) for k in range(count)]
        low = [even[k] + halved(halved(detail[max(k - 1, 0)] + detail[k])) for k in range(count)]
        outputs += detail
    return low + outputs


def tridiagonal(read: Read, size: int) -> list[Number]:
    """The solution of a tridiagonal system of ``size`` equations by Thomas' algorithm; rows as (a, b, c, right)."""
    upper: list[Number] = []
    right: list[Number] = []
    for row in range(size):
        a, b, c, d = (read() for _ in range(4))
        if row:
            b = b - a * upper[-1]
            d = d - a * right[-1]
        upper.append(c / b)
        right.append(d / b)
    solution = [right[-1]]
    for row in reversed(range(size - 1)):
        solution.append(right[row] - upper[row] * solution[-1])
    return solution[::-1]


def dense_layers(read: Read, size: int) -> list[Number]:
    """Two layers of ``size`` rectified neurons; weights are inputs."""
    values = [read() for _ in range(size)]
    for _ in range(2):
        values = [maximum(tree_sum([read() * value for value in values]), 0.0) for _ in range(size)]
    return values


def ray_and_spheres(read: Read, size: int) -> list[Number]:
    """Distance along a ray of unit direction to the nearest of ``size`` spheres, all of them hit."""
    origin = [read() for _ in range(3)]
    direction = [read() for _ in range(3)]
    hits = []
    for _ in range(size):
        centre = [read() for _ in range(3)]
        radius = read()
        way = [c - o for c, o in zip(centre, origin, strict=True)]
        along = tree_sum([w * d for w, d in zip(way, direction, strict=True)])
        gap = tree_sum([w * w for w in way]) - along * along
        hits.append(along - square_root(radius * radius - gap))
    while len(hits) > 1:
        hits = [minimum(hits[0], hits[1]), *hits[2:]]
    return hits


def chacha(read: Read, size: int) -> list[Number]:
    """``size`` double rounds of the ChaCha permutation on 16 words, and the addition of its input (RFC 8439)."""
    initial = [read() for _ in range(16)]
    state = list(initial)
    columns = [(k, k + 4, k + 8, k + 12) for k in range(4)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(size):
        for a, b, c, d in columns + diagonals:
            for first, second, third, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[first] = add_words(state[first], state[second])
                state[third] = rotated(exclusive_or(state[third], state[first]), bits)
    return [add_words(word, old) for word, old in zip(state, initial, strict=True)]


def strassen(read: Read, size: int) -> list[Number]:
    """The product of two matrices of 2^size rows by Strassen's algorithm, row by row."""
    count = 2**size
    left, right = ([[read() for _ in range(count)] for _ in range(count)] for _ in range(2))
    return [value for row in _strassen(left, right) for value in row]


Matrix: TypeAlias = list[list[Number]]


def _strassen(left: Matrix, right: Matrix) -> Matrix:
    half = len(left) // 2
    if not half:
        return [[left[0][0] * right[0][0]]]

    def part(matrix: Matrix, row: int, column: int) -> Matrix:
        return [line[column * half : (column + 1) * half] for line in matrix[row * half : (row + 1) * half]]

    def plus(one: Matrix, other: Matrix) -> Matrix:
        return [[x + y for x, y in zip(*rows, strict=True)] for rows in zip(one, other, strict=True)]

    def minus(one: Matrix, other: Matrix) -> Matrix:
        return [[x - y for x, y in zip(*rows, strict=True)] for rows in zip(one, other, strict=True)]

    a, b, c, d = (part(left, row, column) for row in (0, 1) for column in (0, 1))
    e, f, g, h = (part(right, row, column) for row in (0, 1) for column in (0, 1))
    m1 = _strassen(plus(a, d), plus(e, h))
    m2 = _strassen(plus(c, d), e)
    m3 = _strassen(a, minus(f, h))
    m4 = _strassen(d, minus(g, e))
    m5 = _strassen(plus(a, b), h)
    m6 = _strassen(minus(c, a), plus(e, f))
    m7 = _strassen(minus(b, d), plus(g, h))
    top = zip(plus(minus(plus(m1, m4), m5), m7), plus(m3, m5), strict=True)
    bottom = zip(plus(m2, m4), plus(plus(minus(m1, m2), m3), m6), strict=True)
    return [one + other for one, other in [*top, *bottom]]


def reciprocals(read: Read, size: int) -> list[Number]:
    """The product of ``size`` reciprocals of numbers in [0.5, 1], each by four Newton iterations."""
    product: Number = None
    for _ in range(size):
        value = read()
        guess = 48.0 / 17.0 - 32.0 / 17.0 * value
        for _ in range(4):
            guess = guess * (2.0 - value * guess)
        product = guess if product is None else product * guess
    return [product]


def exponentials(read: Read, size: int) -> list[Number]:
    """The soft maximum of ``size`` small numbers: exponentials by a Pade approximant, divided by their sum."""
    powers = []
    for _ in range(size):
        value = read()
        square = value * value
        even = 12.0 + square
        odd = 6.0 * value
        powers.append((even + odd) / (even - odd))
    total = tree_sum(powers)
    return [power / total for power in powers]


def edit_distance(read: Read, size: int) -> list[Number]:
    """The cheapest alignment of two sequences of ``size`` elements; mismatches are inputs, a gap costs 1."""
    above: list[Number] = [float(column) for column in range(size + 1)]
    for row in range(1, size + 1):
        line: list[Number] = [float(row)]
        for column in range(1, size + 1):
            gap = minimum(above[column], line[-1]) + 1.0
            line.append(minimum(gap, above[column - 1] + read()))
        above = line
    return [above[-1]]


def kalman(read: Read, size: int) -> list[Number]:
    """``size`` steps of a scalar Kalman filter for a constant, with process noise 0.1 and the noise an input."""
    estimate, variance, noise = read(), read(), read()
    for _ in range(size):
        predicted = variance + 0.1
        gain = predicted / (predicted + noise)
        estimate = estimate + gain * (read() - estimate)
        variance = predicted - gain * predicted
    return [estimate, variance]


def prefix_products(read: Read, size: int) -> list[Number]:
    """The 2^size prefix products of as many 2x2 matrices with a last row (0, 1), by Kogge and Stone's network."""
    maps = [(read(), read()) for _ in range(2**size)]
    step = 1
    while step < len(maps):
        maps = [
            (one[0] * maps[place - step][0], one[0] * maps[place - step][1] + one[1]) if place >= step else one
            for place, one in enumerate(maps)
        ]
        step *= 2
    return [number for pair in maps for number in pair]


KERNELS: dict[str, tuple[Kernel, int, int]] = {
    "runge_kutta": (runge_kutta, 1, 6),
    "gravity": (gravity, 3, 8),
    "rotations": (rotations, 2, 8),
    "sorting_network": (sorting_network, 2, 4),
    "wavelet": (wavelet, 1, 4),
    "tridiagonal": (tridiagonal, 3, 16),
    "dense_layers": (dense_layers, 2, 8),
    "ray_and_spheres": (ray_and_spheres, 2, 10),
    "chacha": (chacha, 1, 3),
    "strassen": (strassen, 1, 3),
    "reciprocals": (reciprocals, 2, 8),
    "exponentials": (exponentials, 2, 12),
    "edit_distance": (edit_distance, 3, 12),
    "kalman": (kalman, 2, 10),
    "prefix_products": (prefix_products, 2, 4),
}
"""Each kernel with its smallest and largest size."""
