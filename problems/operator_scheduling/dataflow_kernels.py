"""Kernels of signal processing and linear algebra, written once as mathematics.

Every kernel takes ``read``, which gives its next input, and a size, and returns its outputs. It uses only
``+ - * /`` and the functions of ``dataflow_trace``, so the same code computes numbers when ``read`` gives floats,
and records a data-flow graph when ``read`` gives values of a trace.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from dataflow_trace import Number, add_or_subtract, less, shift_right, square_root

Read: TypeAlias = Callable[[], Number]
Kernel: TypeAlias = Callable[[Read, int], list[Number]]


def chain_sum(values: Sequence[Number]) -> Number:
    """The sum, one after the other."""
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def tree_sum(values: Sequence[Number]) -> Number:
    """The sum, in a balanced tree."""
    while len(values) > 1:
        pairs = [left + right for left, right in zip(values[::2], values[1::2], strict=False)]
        values = pairs + list(values[len(values) - len(values) % 2 :])
    return values[0]


def coefficient(index: int) -> float:
    """The constant number ``index`` of a filter: of magnitude below one, so that filters stay stable."""
    return 0.4 * math.cos(1.0 + index)


def fir_direct(read: Read, size: int) -> list[Number]:
    """One output of a direct-form FIR filter with ``size`` taps, accumulated one after the other."""
    return [chain_sum([coefficient(tap) * read() for tap in range(size)])]


def fir_tree(read: Read, size: int) -> list[Number]:
    """One output of a direct-form FIR filter with ``size`` taps, summed in a tree."""
    return [tree_sum([coefficient(tap) * read() for tap in range(size)])]


def fir_symmetric(read: Read, size: int) -> list[Number]:
    """One output of a linear-phase FIR filter with ``2 * size`` taps: mirrored samples share a product."""
    samples = [read() for _ in range(2 * size)]
    return [chain_sum([coefficient(tap) * (samples[tap] + samples[-1 - tap]) for tap in range(size)])]


def fir_transposed(read: Read, size: int) -> list[Number]:
    """``size`` samples through an eight-tap FIR filter in transposed form, state carried along."""
    state: list[Number] = [0.0] * 8
    outputs = []
    for _ in range(size):
        sample = read()
        products = [coefficient(tap) * sample for tap in range(8)]
        outputs.append(products[0] + state[1])
        state = [0.0] + [products[tap] + state[tap + 1] for tap in range(1, 7)] + [products[7]]
    return outputs


def iir_biquads(read: Read, size: int) -> list[Number]:
    """One sample through ``size`` cascaded second-order sections in direct form II; states are inputs."""
    signal = read()
    outputs = []
    for section in range(size):
        first, second = read(), read()
        a1, a2, b1, b2 = (coefficient(4 * section + index) for index in range(4))
        inner = signal - a1 * first - a2 * second
        signal = inner + b1 * first + b2 * second
        outputs.append(inner)
    return [signal, *outputs]


def iir_recurrence(read: Read, size: int) -> list[Number]:
    """``size`` samples through one second-order recursive section: a feedback loop unrolled in time."""
    first: Number = read()
    second: Number = read()
    outputs = []
    for _ in range(size):
        inner = read() - coefficient(1) * first - coefficient(2) * second
        outputs.append(inner + coefficient(3) * first)
        first, second = inner, first
    return outputs


def ar_lattice(read: Read, size: int) -> list[Number]:
    """One sample through an all-pole lattice filter of order ``size``; the delayed waves are inputs."""
    forward = read()
    backward: list[Number] = []
    for stage in reversed(range(size)):
        delayed = read()
        reflection = coefficient(stage)
        forward = forward - reflection * delayed
        backward.append(delayed + reflection * forward)
    return [forward, *backward]


def _adaptor(gamma: float, left: Number, right: Number) -> tuple[Number, Number]:
    product = gamma * (right - left)
    return product + right, product + left


def elliptic_wave_filter(read: Read, size: int) -> list[Number]:
    """``size`` samples through a fifth-order elliptic lattice wave digital filter (Gazsi 1985).

    Two all-pass branches of orders three and two, built of two-port adaptors, five in all.
    """
    state: list[Number] = [read() for _ in range(5)]
    gammas = [coefficient(index) for index in range(5)]
    outputs = []
    for _ in range(size):
        sample = read()
        upper, state[0] = _adaptor(gammas[0], sample, state[0])
        upper, state[1], state[2] = _second_order(gammas[1], gammas[2], upper, state[1], state[2])
        lower, state[3], state[4] = _second_order(gammas[3], gammas[4], sample, state[3], state[4])
        outputs.append(shift_right(upper + lower, 1))
    return outputs


def _second_order(
    outer: float, inner: float, wave: Number, near: Number, far: Number
) -> tuple[Number, Number, Number]:
    reflected, far_next = _adaptor(inner, near, far)
    output, near_next = _adaptor(outer, wave, reflected)
    return output, near_next, far_next


def differential_equation(read: Read, size: int) -> list[Number]:
    """``size`` Euler steps of y'' + 3xy' + 3y = 0, the classic example of high-level synthesis."""
    x, y, u, step, end = (read() for _ in range(5))
    outputs = []
    for _ in range(size):
        change = u * step
        u = u - (3.0 * x) * change - (3.0 * y) * step
        y = y + change
        x = x + step
        outputs.append(less(x, end))
    return [y, u, *outputs]


def dct(read: Read, size: int) -> list[Number]:
    """The unnormalised DCT-II of ``size`` samples, a power of two, by even-odd decomposition."""
    return _dct([read() for _ in range(size)])


def _dct(samples: Sequence[Number]) -> list[Number]:
    size = len(samples)
    if size == 1:
        return [samples[0]]
    half = size // 2
    even = _dct([samples[index] + samples[-1 - index] for index in range(half)])
    differences = [samples[index] - samples[-1 - index] for index in range(half)]
    result: list[Number] = []
    for row in range(half):
        cosines = [math.cos(math.pi * (2 * column + 1) * (2 * row + 1) / (2 * size)) for column in range(half)]
        odd = chain_sum([cosine * difference for cosine, difference in zip(cosines, differences, strict=True)])
        result += [even[row], odd]
    return result


def dct_block(read: Read, size: int) -> list[Number]:
    """The two-dimensional DCT-II of a block of ``size`` by ``size`` samples, row by row."""
    rows = [dct(read, size) for _ in range(size)]
    columns = [_dct([row[column] for row in rows]) for column in range(size)]
    return [columns[column][row] for row in range(size) for column in range(size)]


def fft(read: Read, size: int) -> list[Number]:
    """The radix-2 FFT of ``size`` complex numbers, a power of two; real and imaginary parts alternate."""
    result = _fft([(read(), read()) for _ in range(size)])
    return [part for number in result for part in number]


def _fft(samples: Sequence[tuple[Number, Number]]) -> list[tuple[Number, Number]]:
    size = len(samples)
    if size == 1:
        return list(samples)
    even, odd = _fft(samples[::2]), _fft(samples[1::2])
    low: list[tuple[Number, Number]] = []
    high: list[tuple[Number, Number]] = []
    for index in range(size // 2):
        cosine, sine = (function(-2 * math.pi * index / size) for function in (math.cos, math.sin))
        real, imaginary = odd[index]
        if index:
            real, imaginary = cosine * real - sine * imaginary, cosine * imaginary + sine * real
        low.append((even[index][0] + real, even[index][1] + imaginary))
        high.append((even[index][0] - real, even[index][1] - imaginary))
    return low + high


def _matrix(read: Read, rows: int, columns: int) -> list[list[Number]]:
    return [[read() for _ in range(columns)] for _ in range(rows)]


def matrix_product(read: Read, size: int) -> list[Number]:
    """The product of two ``size`` by ``size`` matrices, dot products accumulated one after the other."""
    left, right = _matrix(read, size, size), _matrix(read, size, size)
    indices = range(size)
    return [chain_sum([left[i][k] * right[k][j] for k in indices]) for i in indices for j in indices]


def convolution(read: Read, size: int) -> list[Number]:
    """The valid part of the convolution of a ``size`` by ``size`` image with a 3 by 3 mask, summed in trees."""
    image = _matrix(read, size, size)
    return [
        tree_sum([coefficient(3 * i + j) * image[row + i][column + j] for i in range(3) for j in range(3)])
        for row in range(size - 2)
        for column in range(size - 2)
    ]


def horner(read: Read, size: int) -> list[Number]:
    """A polynomial of degree ``size`` by Horner's rule."""
    x = read()
    value = coefficient(size) * x
    for power in reversed(range(1, size)):
        value = (value + coefficient(power)) * x
    return [value + coefficient(0)]


def estrin(read: Read, size: int) -> list[Number]:
    """A polynomial of degree ``2 ** size - 1`` by Estrin's scheme."""
    power = read()
    values: list[Number] = [coefficient(index) for index in range(2**size)]
    while len(values) > 1:
        values = [low + high * power for low, high in zip(values[::2], values[1::2], strict=True)]
        power = power * power if len(values) > 1 else power
    return values


def cholesky(read: Read, size: int) -> list[Number]:
    """The Cholesky factor of a symmetric positive definite matrix, its lower triangle read row by row."""
    lower = [[read() for _ in range(row + 1)] for row in range(size)]
    for k in range(size):
        lower[k][k] = square_root(lower[k][k])
        for i in range(k + 1, size):
            lower[i][k] = lower[i][k] / lower[k][k]
        for j in range(k + 1, size):
            for i in range(j, size):
                lower[i][j] = lower[i][j] - lower[i][k] * lower[j][k]
    return [value for row in lower for value in row]


def lu(read: Read, size: int) -> list[Number]:
    """The LU factors, in one matrix, of a matrix that needs no pivoting."""
    matrix = _matrix(read, size, size)
    for k in range(size):
        for i in range(k + 1, size):
            matrix[i][k] = matrix[i][k] / matrix[k][k]
            for j in range(k + 1, size):
                matrix[i][j] = matrix[i][j] - matrix[i][k] * matrix[k][j]
    return [value for row in matrix for value in row]


def back_substitution(read: Read, size: int) -> list[Number]:
    """The solution of an upper triangular system; each row is read from its diagonal on, right side last."""
    rows = [[read() for _ in range(size - row + 1)] for row in range(size)]
    solution: list[Number] = []
    for row in reversed(rows):
        total = row[-1]
        for factor, unknown in zip(row[1:-1], reversed(solution), strict=True):
            total = total - factor * unknown
        solution.append(total / row[0])
    return solution[::-1]


def normalise(read: Read, size: int) -> list[Number]:
    """A vector of ``size`` numbers divided by its Euclidean length."""
    vector = [read() for _ in range(size)]
    length = square_root(tree_sum([item * item for item in vector]))
    return [item / length for item in vector]


def givens(read: Read, size: int) -> list[Number]:
    """The triangular factor of a ``size`` by ``size`` matrix by Givens rotations, row by row."""
    matrix = _matrix(read, size, size)
    for column in range(size - 1):
        for row in range(column + 1, size):
            above, here = matrix[column], matrix[row]
            radius = square_root(above[column] * above[column] + here[column] * here[column])
            cosine, sine = above[column] / radius, here[column] / radius
            for j in range(column + 1, size):
                above[j], here[j] = cosine * above[j] + sine * here[j], cosine * here[j] - sine * above[j]
            above[column] = radius
    return [matrix[row][column] for row in range(size) for column in range(row, size)]


def cordic(read: Read, size: int) -> list[Number]:
    """``size`` vectoring steps of CORDIC: the length of a vector (up to a constant gain) and its angle."""
    x, y, angle = read(), read(), read()
    for step in range(size):
        negative = less(y, 0.0)
        shifted_x, shifted_y = shift_right(x, step), shift_right(y, step)
        x = add_or_subtract(negative, x, shifted_y)
        y = add_or_subtract(less(0.0, y), y, shifted_x)
        angle = add_or_subtract(negative, angle, math.atan(2.0**-step))
    return [x, angle]


def adaptive_filter(read: Read, size: int) -> list[Number]:
    """``size`` steps of a four-tap filter adapted by normalised least mean squares."""
    weights: list[Number] = [read() for _ in range(4)]
    window: list[Number] = [read() for _ in range(4)]
    for _ in range(size):
        error = read() - chain_sum([weight * sample for weight, sample in zip(weights, window, strict=True)])
        step = error / tree_sum([sample * sample for sample in window])
        weights = [weight + step * sample for weight, sample in zip(weights, window, strict=True)]
        window = [read(), *window[:3]]
    return weights


KERNELS: dict[str, Kernel] = {
    kernel.__name__: kernel
    for kernel in (
        fir_direct,
        fir_tree,
        fir_symmetric,
        fir_transposed,
        iir_biquads,
        iir_recurrence,
        ar_lattice,
        elliptic_wave_filter,
        differential_equation,
        dct,
        dct_block,
        fft,
        matrix_product,
        convolution,
        horner,
        estrin,
        cholesky,
        lu,
        back_substitution,
        normalise,
        givens,
        cordic,
        adaptive_filter,
    )
}
"""The kernels by name."""
