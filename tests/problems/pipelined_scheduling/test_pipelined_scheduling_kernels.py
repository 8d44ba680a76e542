"""Loop kernels compute what they are named after: run iteration by iteration, they agree with numpy and zlib."""

import hashlib
import itertools
import math
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from pipelined_scheduling_support import module

TRACES = module("loop_trace")
KERNELS = module("loop_kernels")
ITERATIONS = 12


def run(name: str, size: int, streams: Sequence[Iterator[Any]] | Callable[[int], Iterator[Any]]) -> Any:
    """Outputs of a kernel in each iteration; input number i of an iteration comes from stream i."""
    trace = TRACES.Trace()
    numbers = itertools.count()

    def read() -> Any:
        number = next(numbers)
        stream = streams(number) if callable(streams) else streams[number]
        return TRACES.load(trace, lambda: next(stream))

    outputs = KERNELS.KERNELS[name](trace, read, size)
    history = trace.run(ITERATIONS)
    return [[row[value.node] for value in outputs] for row in history]


def samples(count: int) -> list[list[float]]:
    source = random.Random(5)
    return [[source.uniform(0.5, 2.0) for _ in range(ITERATIONS)] for _ in range(count)]


def test_biquads_follow_direct_form_two() -> None:
    (signal,) = samples(1)
    a1, a2, b1, b2 = (KERNELS.coefficient(index) for index in range(4))
    state = [0.0, 0.0]
    expected = []
    for sample in signal:
        inner = sample - a1 * state[-1] - a2 * state[-2]
        expected.append([inner + b1 * state[-1] + b2 * state[-2]])
        state.append(inner)
    assert np.allclose(run("iir_biquads", 1, [iter(signal)]), expected)


def test_the_lattice_is_inverted_by_its_analysis_filter() -> None:
    (signal,) = samples(1)
    outputs = [row[0] for row in run("lattice", 3, [iter(signal)])]
    reflections = [KERNELS.coefficient(stage) for stage in range(3)]
    delayed = [0.0, 0.0, 0.0]
    for sample, output in zip(signal, outputs, strict=True):
        forward, backward = output, [output]
        for stage in range(3):
            forward, wave = (
                forward + reflections[stage] * delayed[stage],
                delayed[stage] + reflections[stage] * forward,
            )
            backward.append(wave)
        assert forward == pytest.approx(sample)
        delayed = backward[:3]


def test_filters_convolve() -> None:
    (signal,) = samples(1)
    taps = [KERNELS.coefficient(index) for index in range(5)]
    assert np.allclose(np.ravel(run("fir", 5, [iter(signal)])), np.convolve(signal, taps)[:ITERATIONS])
    mean = np.convolve(signal, np.full(4, 0.25))[:ITERATIONS]
    assert np.allclose(np.ravel(run("moving_average", 4, [iter(signal)])), mean)


def test_horner_evaluates_a_polynomial_of_its_own_last_value() -> None:
    (signal,) = samples(1)
    polynomial = np.polynomial.Polynomial([KERNELS.coefficient(index) for index in range(5)])
    last, expected = 0.0, []
    for sample in signal:
        last = float(polynomial(sample + 0.25 * last))
        expected.append([last])
    assert np.allclose(run("horner_feedback", 4, [iter(signal)]), expected)


def test_dot_products_accumulate() -> None:
    rows = np.array(samples(6))
    expected = np.cumsum((rows[::2] * rows[1::2]).sum(axis=0))
    assert np.allclose(np.ravel(run("dot_product", 3, [iter(row.tolist()) for row in rows])), expected)


def test_the_jacobi_stencil_reads_its_neighbours() -> None:
    grid = np.array(samples(4))
    outputs = np.array(run("jacobi", 2, [iter(row.tolist()) for row in grid]))
    for row in (1, 2):
        around = grid[row, 2:] + grid[row, :-2] + grid[row - 1, 1:-1] + grid[row + 1, 1:-1]
        expected = 0.25 * around - KERNELS.coefficient(row) * grid[row, 1:-1]
        assert np.allclose(outputs[2:, row - 1], expected)


def test_gauss_seidel_uses_new_values() -> None:
    rows = samples(3)
    outputs = run("gauss_seidel", 3, [iter(row) for row in rows])
    left = [0.0, 0.0, 0.0]
    for column, output in enumerate(outputs):
        upper = 0.0
        for row in range(3):
            upper = 0.25 * (left[row] + rows[row][column] + upper)
            left[row] = upper
        assert output == pytest.approx(left)


def test_lu_subtracts_a_multiple_of_the_pivot_row() -> None:
    lower, pivot, *rows = (np.array(row) for row in samples(6))
    outputs = np.array(run("lu_update", 2, [iter(row.tolist()) for row in (lower, pivot, *rows)]))
    for column in range(2):
        assert np.allclose(outputs[:, column], rows[2 * column] - lower / pivot * rows[2 * column + 1])


def test_butterflies_turn_their_twiddle_factor() -> None:
    ar, ai, br, bi = (np.array(row) for row in samples(4))
    outputs = np.array(run("fft_pass", 1, [iter(row.tolist()) for row in (ar, ai, br, bi)]))
    a, turned = ar + 1j * ai, (br + 1j * bi) * np.exp(0.1j * np.arange(ITERATIONS))
    assert np.allclose(outputs[:, 0] + 1j * outputs[:, 1], a + turned)
    assert np.allclose(outputs[:, 2] + 1j * outputs[:, 3], a - turned)


def test_cordic_turns_a_vector_by_its_phase() -> None:
    outputs = run("cordic", 30, lambda number: itertools.repeat((1.0, 0.0)[number]))
    gain = math.prod(math.sqrt(1 + 4.0**-stage) for stage in range(30))
    for index, (x, y) in enumerate(outputs):
        assert (x / gain, y / gain) == pytest.approx((math.cos(0.1 * (index + 1)), math.sin(0.1 * (index + 1))))


def test_the_crc_is_that_of_zlib() -> None:
    text = b"hello, loops"
    outputs = run("crc", 8, [iter(text)])
    assert [row[0] for row in outputs] == [zlib.crc32(text[: end + 1]) for end in range(len(text))]


def test_adler_is_that_of_zlib() -> None:
    text = bytes(range(200, 224))
    outputs = run("adler", 2, [iter(text[::2]), iter(text[1::2])])
    assert [b << 16 | a for a, b in outputs] == [zlib.adler32(text[: 2 * end + 2]) for end in range(ITERATIONS)]


def test_fnv_hashes_bytes() -> None:
    outputs = run("fnv", 1, [iter(b"foobar------")])
    assert outputs[5] == [0xBF9CF968], "the published FNV-1a hash of foobar"


def test_the_quarter_round_is_that_of_chacha() -> None:
    trace = TRACES.Trace()
    states = [0x11111111, 0x01020304, 0x9B8D6F43, 0x01234567]
    outputs = KERNELS.quarter_rounds(trace, lambda: TRACES.load(trace, int), 1)
    for feedback, word in zip(trace.feedbacks.values(), states, strict=True):
        feedback.initial = word
    row = trace.run(1)[0]
    # RFC 8439, section 2.1.1.
    assert [row[value.node] for value in outputs] == [0xEA2A92F4, 0xCB1CF8CE, 0x4581472E, 0x5881C4BB]


def test_sha_rounds_compress_a_block() -> None:
    roots = [math.isqrt(prime << 64) & 0xFFFFFFFF for prime in (2, 3, 5, 7, 11, 13, 17, 19)]
    primes = [number for number in range(2, 312) if all(number % other for other in range(2, number))]
    constants = [int(_cube_root(prime << 96)) & 0xFFFFFFFF for prime in primes]
    block = b"abc\x80" + bytes(59) + bytes([24])
    words = [int.from_bytes(block[place : place + 4], "big") for place in range(0, 64, 4)]
    for place in range(16, 64):
        first, second = words[place - 15], words[place - 2]
        low = _turned(first, 7) ^ _turned(first, 18) ^ (first >> 3)
        high = _turned(second, 17) ^ _turned(second, 19) ^ (second >> 10)
        words.append((words[place - 16] + low + words[place - 7] + high) & 0xFFFFFFFF)
    trace = TRACES.Trace()
    inputs = iter([(word + constant) & 0xFFFFFFFF for word, constant in zip(words, constants, strict=True)])
    outputs = KERNELS.sha_rounds(trace, lambda: TRACES.load(trace, lambda: next(inputs)), 4)
    for feedback, root in zip(trace.feedbacks.values(), roots, strict=True):
        feedback.initial = root
    last = trace.run(16)[-1]
    digest = hashlib.sha256(b"abc").digest()
    for place, value in zip((0, 4), outputs, strict=True):
        expected = int.from_bytes(digest[4 * place : 4 * place + 4], "big")
        assert (last[value.node] + roots[place]) & 0xFFFFFFFF == expected


def _cube_root(number: int) -> int:
    root = round(number ** (1 / 3))
    while root**3 > number:
        root -= 1
    while (root + 1) ** 3 <= number:
        root += 1
    return root


def _turned(word: int, count: int) -> int:
    return (word >> count | word << (32 - count)) & 0xFFFFFFFF


def test_xorshift_draws_the_published_numbers() -> None:
    outputs = run("xorshift_walk", 1, lambda number: itertools.repeat(0))
    state, total = 1, 0
    for row in outputs:
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        total += state
        assert row == [total]


def test_the_adaptive_filter_learns_by_its_error() -> None:
    signal, wanted = samples(2)
    outputs = run("adaptive_filter", 3, [iter(signal), iter(wanted)])
    weights = np.zeros(3)
    padded = np.array([0.0, 0.0, *signal])
    for index, row in enumerate(outputs):
        window = padded[index : index + 3][::-1]
        assert row == pytest.approx([weights @ window])
        weights = weights + 0.05 * (wanted[index] - weights @ window) * window


def test_mandelbrot_squares_and_adds() -> None:
    outputs = run("mandelbrot", 1, lambda number: itertools.repeat((0.2, 0.3)[number]))
    z = 0j
    for row in outputs:
        z = z * z + (0.2 + 0.3j)
        assert complex(*row) == pytest.approx(z)


def test_viterbi_keeps_the_cheaper_way() -> None:
    first, second = samples(2)
    outputs = run("viterbi", 2, [iter(first), iter(second)])
    metrics = [0.0] * 4
    for index, row in enumerate(outputs):
        costs = (first[index], second[index])
        metrics = [
            min(metrics[(2 * state + way) % 4] + costs[(state + way) % 2] for way in (0, 1)) for state in range(4)
        ]
        assert row == pytest.approx(metrics[:2])


def test_energy_is_forgetful() -> None:
    (signal,) = samples(1)
    energy = 1.0
    for sample, row in zip(signal, run("normalised_energy", 1, [iter(signal)]), strict=True):
        energy = 0.9 * energy + 0.1 * sample * sample
        assert row == pytest.approx([sample / math.sqrt(energy)])


def test_the_histogram_orders_stores_before_the_next_loads() -> None:
    trace = TRACES.Trace()
    KERNELS.histogram(trace, lambda: TRACES.load(trace, int), 2)
    waits = [(tail, head, distance) for tail, head, distance, data in trace.edges() if not data]
    assert len(waits) == 2
    assert all(
        trace.nodes[tail].kind == "store" and trace.nodes[head].kind == "load" and distance == 1
        for tail, head, distance in waits
    )


def test_every_kernel_is_drawn_from_and_makes_a_loop_that_can_be_scheduled() -> None:
    sizes = module("loop_drawing").SIZES
    assert set(sizes) == set(KERNELS.KERNELS)
    for name, bounds in sizes.items():
        for size in bounds:
            trace = TRACES.Trace()
            KERNELS.KERNELS[name](trace, lambda trace=trace: TRACES.load(trace, int), size)
            edges = trace.edges()
            assert all(tail < head for tail, head, distance, _ in edges if distance == 0), name
            assert {node.kind for node in trace.nodes} <= set(module("loop_drawing").LATENCIES)


def test_an_open_feedback_is_refused() -> None:
    trace = TRACES.Trace()
    trace.feedback().value + 1
    with pytest.raises(ValueError, match="not closed"):
        trace.edges()
