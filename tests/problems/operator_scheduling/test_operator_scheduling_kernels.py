"""Kernels compute what they are named after: run on floats, they agree with numpy."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from operator_scheduling_support import module

GENERATE = module("generate")
KERNELS = module("dataflow_kernels")
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Inputs:
    """Reproducible inputs that remember what was read."""

    def __init__(self) -> None:
        self.source: Iterator[float] = iter(np.random.default_rng(7).uniform(0.5, 2.0, 10_000).tolist())
        self.seen: list[float] = []

    def __call__(self) -> float:
        self.seen.append(next(self.source))
        return self.seen[-1]


def run(name: str, size: int, read: Callable[[], float] | None = None) -> tuple[Array, Array]:
    inputs = Inputs()
    outputs = KERNELS.KERNELS[name](read or inputs, size)
    return np.array(inputs.seen), np.array(outputs, dtype=float)


def taps(count: int) -> Array:
    return np.array([KERNELS.coefficient(index) for index in range(count)])


@pytest.mark.parametrize("name", ["fir_direct", "fir_tree"])
def test_a_fir_filter_is_a_dot_product(name: str) -> None:
    samples, outputs = run(name, 13)
    assert outputs == pytest.approx([taps(13) @ samples])


def test_the_symmetric_fir_filter_has_mirrored_taps() -> None:
    samples, outputs = run("fir_symmetric", 6)
    assert outputs == pytest.approx([np.concatenate([taps(6), taps(6)[::-1]]) @ samples])


def test_the_transposed_fir_filter_convolves() -> None:
    samples, outputs = run("fir_transposed", 20)
    assert outputs == pytest.approx(np.convolve(samples, taps(8))[:20])


def test_biquads_follow_direct_form_two() -> None:
    samples, outputs = run("iir_biquads", 1)
    a1, a2, b1, b2 = taps(4)
    inner = samples[0] - a1 * samples[1] - a2 * samples[2]
    assert outputs == pytest.approx([inner + b1 * samples[1] + b2 * samples[2], inner])
    assert len(run("iir_biquads", 4)[1]) == 5


def test_the_recurrence_unrolls_a_second_order_section() -> None:
    samples, outputs = run("iir_recurrence", 15)
    _, a1, a2, b1 = taps(4)
    state = [samples[1], samples[0]]
    for sample in samples[2:]:
        state.append(sample - a1 * state[-1] - a2 * state[-2])
    assert outputs == pytest.approx([state[k] + b1 * state[k - 1] for k in range(2, len(state))])


def test_the_lattice_is_inverted_by_its_analysis_filter() -> None:
    samples, outputs = run("ar_lattice", 5)
    forward = outputs[0]
    for stage, delayed in enumerate(reversed(samples[1:])):
        forward = forward + taps(5)[stage] * delayed
    assert forward == pytest.approx(samples[0])


def test_the_wave_filter_passes_a_constant_and_gains_no_energy() -> None:
    assert run("elliptic_wave_filter", 30, lambda: 1.0)[1] == pytest.approx(np.ones(30))
    impulse = iter([0.0] * 5 + [1.0] + [0.0] * 500)
    response = run("elliptic_wave_filter", 400, lambda: next(impulse))[1]
    assert 0.1 < float(response @ response) <= 1.0


def test_the_differential_equation_is_integrated_by_euler_steps() -> None:
    (x, y, u, step, end), outputs = run("differential_equation", 4)
    ends: list[float] = []
    for _ in range(4):
        y, u = y + u * step, u - 3 * x * u * step - 3 * y * step
        x += step
        ends.append(float(x < end))
    assert outputs == pytest.approx([y, u, *ends])


def dct_matrix(size: int) -> Array:
    return np.array([[math.cos(math.pi * (2 * n + 1) * k / (2 * size)) for n in range(size)] for k in range(size)])


def test_the_dct_is_the_cosine_transform() -> None:
    samples, outputs = run("dct", 8)
    assert outputs == pytest.approx(dct_matrix(8) @ samples)
    samples, outputs = run("dct_block", 4)
    assert outputs == pytest.approx((dct_matrix(4) @ samples.reshape(4, 4) @ dct_matrix(4).T).ravel())


@pytest.mark.parametrize("size", [2, 4, 8, 16])
def test_the_fft_is_the_fourier_transform(size: int) -> None:
    samples, outputs = run("fft", size)
    expected = np.fft.fft(samples[::2] + 1j * samples[1::2])
    assert outputs[::2] + 1j * outputs[1::2] == pytest.approx(expected)


def test_matrices_multiply() -> None:
    samples, outputs = run("matrix_product", 4)
    assert outputs == pytest.approx((samples[:16].reshape(4, 4) @ samples[16:].reshape(4, 4)).ravel())


def test_the_convolution_slides_a_mask() -> None:
    samples, outputs = run("convolution", 5)
    windows = np.lib.stride_tricks.sliding_window_view(samples.reshape(5, 5), (3, 3))
    assert outputs == pytest.approx(np.einsum("ijkl,kl->ij", windows, taps(9).reshape(3, 3)).ravel())


def test_polynomials_are_evaluated() -> None:
    samples, outputs = run("horner", 9)
    assert outputs == pytest.approx([np.polynomial.Polynomial(taps(10))(samples[0])])
    samples, outputs = run("estrin", 4)
    assert outputs == pytest.approx([np.polynomial.Polynomial(taps(16))(samples[0])])


def test_cholesky_factors_a_positive_definite_matrix() -> None:
    root = np.tril(np.random.default_rng(1).uniform(0.5, 1.5, (5, 5)))
    entries = iter((root @ root.T)[np.tril_indices(5)].tolist())
    assert run("cholesky", 5, lambda: next(entries))[1] == pytest.approx(root[np.tril_indices(5)])


def test_lu_factors_multiply_to_the_matrix() -> None:
    matrix = np.random.default_rng(2).uniform(0.5, 1.5, (5, 5)) + 6 * np.eye(5)
    entries = iter(matrix.ravel().tolist())
    factors = run("lu", 5, lambda: next(entries))[1].reshape(5, 5)
    assert (np.tril(factors, -1) + np.eye(5)) @ np.triu(factors) == pytest.approx(matrix)


def test_back_substitution_solves_the_triangular_system() -> None:
    samples, outputs = run("back_substitution", 4)
    rows = np.split(samples, np.cumsum([5, 4, 3]))
    matrix = np.array([[0.0] * index + row[:-1].tolist() for index, row in enumerate(rows)])
    assert matrix @ outputs == pytest.approx([row[-1] for row in rows])


def test_normalised_vectors_have_length_one() -> None:
    samples, outputs = run("normalise", 9)
    assert outputs == pytest.approx(samples / np.linalg.norm(samples))


def test_givens_rotations_keep_the_gram_matrix() -> None:
    samples, outputs = run("givens", 4)
    triangle = np.zeros((4, 4))
    triangle[np.triu_indices(4)] = outputs
    assert triangle.T @ triangle == pytest.approx(samples.reshape(4, 4).T @ samples.reshape(4, 4))


def test_cordic_finds_length_and_angle() -> None:
    (x, y, angle), (length, turned) = run("cordic", 30)
    gain = math.prod(math.sqrt(1 + 4.0**-step) for step in range(30))
    assert length / gain == pytest.approx(math.hypot(x, y))
    assert turned - angle == pytest.approx(math.atan2(y, x), abs=1e-6)


def test_the_adaptive_filter_answers_its_last_window_exactly() -> None:
    samples, outputs = run("adaptive_filter", 1)
    weights, window, wanted = samples[:4], samples[4:8], samples[8]
    error = wanted - weights @ window
    assert outputs == pytest.approx(weights + error / (window @ window) * window)


def test_every_kernel_is_drawn_from_and_makes_an_acyclic_graph() -> None:
    assert set(GENERATE.SIZES) == set(KERNELS.KERNELS)
    for name, (least, most) in GENERATE.SIZES.items():
        for size in {least, most}:
            trace = GENERATE.Trace()
            KERNELS.KERNELS[name](lambda trace=trace: trace.record("load"), size)
            assert all(tail < head for tail, head, _ in trace.edges), name
            assert set(trace.kinds) <= set(GENERATE.DELAYS), name
