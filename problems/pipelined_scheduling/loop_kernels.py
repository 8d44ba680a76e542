"""Bodies of loops with recurrences, from filters, linear algebra, coding and hashing.

Every kernel takes ``read``, which gives its next input of the iteration, and a size, and returns its outputs of the
iteration. ``trace`` holds the loop's state from one iteration to the next.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from loop_trace import (
    Trace,
    Value,
    choose,
    less,
    load,
    majority,
    modular_add,
    modular_mul,
    rotate,
    select,
    square_root,
    store,
)

Read: TypeAlias = Callable[[], Value]
Kernel: TypeAlias = Callable[[Trace, Read, int], list[Value]]

CRC_POLYNOMIAL = 0xEDB88320
FNV_PRIME, FNV_BASIS = 0x01000193, 0x811C9DC5
ADLER_MODULUS = 65521


def coefficient(index: int) -> float:
    """The constant number ``index`` of a filter: small, so that filters stay stable."""
    return 0.4 * math.cos(1.0 + index)


def tree_sum(values: Sequence[Value]) -> Value:
    """The sum, in a balanced tree."""
    while len(values) > 1:
        pairs = [left + right for left, right in zip(values[::2], values[1::2], strict=False)]
        values = pairs + list(values[len(values) - len(values) % 2 :])
    return values[0]


def iir_biquads(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` cascaded second-order recursive sections in direct form II."""
    signal = read()
    for section in range(size):
        a1, a2, b1, b2 = (coefficient(4 * section + index) for index in range(4))
        state = trace.feedback()
        inner = signal - state.value * a1 - state.value.previous() * a2
        state.close(inner)
        signal = inner + state.value * b1 + state.value.previous() * b2
    return [signal]


def lattice(trace: Trace, read: Read, size: int) -> list[Value]:
    """An all-pole lattice filter of order ``size``."""
    forward = read()
    delayed = [trace.feedback() for _ in range(size)]
    backward = []
    for stage in reversed(range(size)):
        forward = forward - delayed[stage].value * coefficient(stage)
        backward.append(delayed[stage].value + forward * coefficient(stage))
    delayed[0].close(forward)
    for stage, wave in zip(range(size - 1, 0, -1), backward[1:], strict=False):
        delayed[stage].close(wave)
    return [forward]


def fir(trace: Trace, read: Read, size: int) -> list[Value]:
    """A transversal filter with ``size`` taps: samples are kept for as many iterations."""
    sample = read()
    return [tree_sum([sample.previous(tap) * coefficient(tap) for tap in range(size)])]


def moving_average(trace: Trace, read: Read, size: int) -> list[Value]:
    """The mean of the last ``size`` samples, by adding the newest and taking the oldest away."""
    sample = read()
    total = trace.feedback()
    value = total.value + sample - sample.previous(size)
    total.close(value)
    return [value * (1.0 / size)]


def horner_feedback(trace: Trace, read: Read, size: int) -> list[Value]:
    """A polynomial of degree ``size`` by Horner's rule, at the sample plus a part of its last value."""
    result = trace.feedback()
    point = read() + result.value * 0.25
    value = point * coefficient(size) + coefficient(size - 1)
    for index in range(size - 2, -1, -1):
        value = value * point + coefficient(index)
    result.close(value)
    return [value]


def dot_product(trace: Trace, read: Read, size: int) -> list[Value]:
    """A dot product, ``size`` products of each iteration added to one accumulator."""
    total = trace.feedback()
    value = total.value + tree_sum([read() * read() for _ in range(size)])
    total.close(value)
    return [value]


def jacobi(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` rows of a five-point stencil that moves along the rows: neighbours to the left come from before."""
    columns = [read() for _ in range(size + 2)]
    outputs = []
    for row in range(1, size + 1):
        centre = columns[row].previous()
        around = columns[row] + centre.previous() + columns[row - 1].previous() + columns[row + 1].previous()
        outputs.append(around * 0.25 - centre * coefficient(row))
    return outputs


def gauss_seidel(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` rows of a relaxation sweep: each element needs its left and its upper new value."""
    upper: Value | None = None
    outputs = []
    for _ in range(size):
        state = trace.feedback()
        around = state.value + read()
        if upper is not None:
            around = around + upper
        upper = around * 0.25
        state.close(upper)
        outputs.append(upper)
    return outputs


def lu_update(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` columns of the update of LU factorisation; a store may meet the next iteration's loads."""
    factor = read() / read()
    outputs, loads, stores = [], [], []
    for _ in range(size):
        entry, pivot = read(), read()
        value = entry - factor * pivot
        loads.append(entry)
        stores.append(store(value))
        outputs.append(value)
    for entry, written in zip(loads, stores, strict=True):
        trace.wait(entry, written, 1)
    return outputs


def fft_pass(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` butterflies of an FFT pass; the twiddle factor turns from one iteration to the next."""
    real, imaginary = trace.feedback(1.0), trace.feedback(0.0)
    wr, wi = real.value, imaginary.value
    outputs = []
    for _ in range(size):
        ar, ai, br, bi = read(), read(), read(), read()
        tr, ti = br * wr - bi * wi, br * wi + bi * wr
        outputs += [ar + tr, ai + ti, ar - tr, ai - ti]
    cosine, sine = math.cos(0.1), math.sin(0.1)
    real.close(wr * cosine - wi * sine)
    imaginary.close(wr * sine + wi * cosine)
    return outputs


def cordic(trace: Trace, read: Read, size: int) -> list[Value]:
    """An oscillator: a phase accumulator and ``size`` CORDIC stages that turn a vector by the phase."""
    phase = trace.feedback(0.0)
    angle = phase.value + 0.1
    phase.close(select(less(angle, 1.5), angle, 0.0))
    x, y = read(), read()
    for stage in range(size):
        negative = less(angle, 0.0)
        across, along = (_scaled(y, stage), _scaled(x, stage)) if stage else (y, x)
        x, y, angle = (
            _add_or_subtract(negative, x, across),
            _add_or_subtract(negative, y, along, swap=True),
            _add_or_subtract(negative, angle, math.atan(2.0**-stage)),
        )
    return [x, y]


def _scaled(value: Value, bits: int) -> Value:
    return value.trace.record("logic", 32, lambda a: a / 2**bits, value)


def _add_or_subtract(condition: Value, left: Value, right: Value | float, swap: bool = False) -> Value:
    """``left + right`` where the condition holds, else ``left - right`` (the other way round with ``swap``)."""
    sign = -1 if swap else 1
    return condition.trace.record(
        "add", 32, lambda c, a, b: a + sign * b if c else a - sign * b, condition, left, right
    )


def crc(trace: Trace, read: Read, size: int) -> list[Value]:
    """CRC-32, ``size`` bits of a byte stream in each iteration, bit by bit."""
    state = trace.feedback(0xFFFFFFFF)
    value = state.value ^ read()
    for _ in range(size):
        value = (value >> 1) ^ select(value & 1, CRC_POLYNOMIAL, 0)
    state.close(value)
    return [value ^ 0xFFFFFFFF]


def fnv(trace: Trace, read: Read, size: int) -> list[Value]:
    """The FNV-1a hash of ``size`` bytes in each iteration."""
    state = trace.feedback(FNV_BASIS)
    value = state.value
    for _ in range(size):
        value = modular_mul(value ^ read(), FNV_PRIME)
    state.close(value)
    return [value]


def quarter_rounds(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` quarter rounds of ChaCha on a state of four words, an input word mixed in."""
    states = [trace.feedback(index) for index in range(4)]
    a, b, c, d = (state.value for state in states)
    a = a ^ read()
    for _ in range(size):
        for first, second in ((16, 12), (8, 7)):
            a = modular_add(a, b)
            d = rotate(d ^ a, first)
            c = modular_add(c, d)
            b = rotate(b ^ c, second)
    for state, word in zip(states, (a, b, c, d), strict=True):
        state.close(word)
    return [a, b, c, d]


def sha_rounds(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` rounds of SHA-256's compression on its eight words, message words read."""
    states = [trace.feedback(index) for index in range(8)]
    a, b, c, d, e, f, g, h = (state.value for state in states)
    for _ in range(size):
        mixed = rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7)
        first = modular_add(modular_add(modular_add(h, mixed), choose(e, f, g)), read())
        second = modular_add(rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10), majority(a, b, c))
        a, b, c, d, e, f, g, h = modular_add(first, second), a, b, c, modular_add(d, first), e, f, g
    words = [a, b, c, d, e, f, g, h]
    for state, word in zip(states, words, strict=True):
        state.close(word)
    return words[:1] + words[4:5]


def xorshift_walk(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` xorshift generators, and the running sum of what they draw."""
    total = trace.feedback()
    value = total.value + read()
    for index in range(size):
        state = trace.feedback(index + 1)
        word = state.value
        word = word ^ (word << 13)
        word = word ^ (word >> 17)
        word = word ^ (word << 5)
        state.close(word)
        value = value + word
    total.close(value)
    return [value]


def adler(trace: Trace, read: Read, size: int) -> list[Value]:
    """Adler-32's two sums over ``size`` bytes in each iteration, each reduced by one subtraction at most."""
    low, high = trace.feedback(1), trace.feedback(0)
    first, second = low.value, high.value
    for _ in range(size):
        first = _reduced(first + read())
        second = _reduced(second + first)
    low.close(first)
    high.close(second)
    return [first, second]


def _reduced(value: Value) -> Value:
    return select(less(value, ADLER_MODULUS), value, value - ADLER_MODULUS)


def adaptive_filter(trace: Trace, read: Read, size: int) -> list[Value]:
    """The least-mean-squares filter with ``size`` weights: all of them wait for the error."""
    sample, wanted = read(), read()
    weights = [trace.feedback() for _ in range(size)]
    window = [sample.previous(index) for index in range(size)]
    estimate = tree_sum([weight.value * tap for weight, tap in zip(weights, window, strict=True)])
    step = (wanted - estimate) * 0.05
    for weight, tap in zip(weights, window, strict=True):
        weight.close(weight.value + step * tap)
    return [estimate]


def mandelbrot(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` points of the iteration z * z + c in the complex plane."""
    outputs = []
    for _ in range(size):
        real, imaginary = trace.feedback(0.0), trace.feedback(0.0)
        x, y = real.value, imaginary.value
        new_x = x * x - y * y + read()
        new_y = x * y * 2.0 + read()
        real.close(new_x)
        imaginary.close(new_y)
        outputs += [new_x, new_y]
    return outputs


def viterbi(trace: Trace, read: Read, size: int) -> list[Value]:
    """Add, compare and select for ``size`` pairs of states of a Viterbi decoder."""
    count = 2 * size
    metrics = [trace.feedback() for _ in range(count)]
    costs = [read(), read()]
    best = []
    for state in range(count):
        ways = [metrics[(2 * state + branch) % count].value + costs[(state + branch) % 2] for branch in (0, 1)]
        best.append(select(less(ways[0], ways[1]), ways[0], ways[1]))
    for metric, value in zip(metrics, best, strict=True):
        metric.close(value)
    return best[:2]


def normalised_energy(trace: Trace, read: Read, size: int) -> list[Value]:
    """Samples divided by the root of a forgetful mean of their squares, ``size`` channels."""
    outputs = []
    for _ in range(size):
        sample = read()
        energy = trace.feedback(1.0)
        value = energy.value * 0.9 + sample * sample * 0.1
        energy.close(value)
        outputs.append(sample / square_root(value))
    return outputs


def histogram(trace: Trace, read: Read, size: int) -> list[Value]:
    """``size`` counters read, increased and written back; the next iteration may read what this one writes."""
    outputs = []
    for _ in range(size):
        counter = load(trace, lambda: 0)
        value = counter + read()
        trace.wait(counter, store(value), 1)
        outputs.append(value)
    return outputs


KERNELS: dict[str, Kernel] = {
    kernel.__name__: kernel
    for kernel in (
        iir_biquads,
        lattice,
        fir,
        moving_average,
        horner_feedback,
        dot_product,
        jacobi,
        gauss_seidel,
        lu_update,
        fft_pass,
        cordic,
        crc,
        fnv,
        quarter_rounds,
        sha_rounds,
        xorshift_walk,
        adler,
        adaptive_filter,
        mandelbrot,
        viterbi,
        normalised_energy,
        histogram,
    )
}
