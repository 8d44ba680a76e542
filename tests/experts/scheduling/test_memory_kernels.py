"""The kernels compute what their names say, and record graphs with sources before targets."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from heurigym.experts.scheduling.memory.kernels import KERNELS
from heurigym.experts.scheduling.memory.trace import WIDEST, Trace, Value


def run(name: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """What a kernel read and returned, on reproducible numbers."""
    random = np.random.default_rng(size)
    samples: list[float] = []

    def read() -> float:
        samples.append(float(random.uniform(0.5, 2.0)))
        return samples[-1]

    outputs = KERNELS[name](read, size)
    return np.array(samples), np.array(outputs)


def test_matrix_product() -> None:
    samples, outputs = run("matrix_product", 5)
    left, right = samples.reshape(2, 5, 5)
    assert outputs == pytest.approx((left @ right).ravel())


def test_fft() -> None:
    samples, outputs = run("fft", 4)
    exact = np.fft.fft(samples[::2] + 1j * samples[1::2])
    assert outputs[::2] + 1j * outputs[1::2] == pytest.approx(exact)


def test_sorting_network() -> None:
    samples, outputs = run("sorting_network", 4)
    assert outputs.tolist() == sorted(samples)


def test_prefix_sums() -> None:
    samples, outputs = run("prefix_sums", 4)
    assert outputs == pytest.approx(np.cumsum(samples))


def test_cholesky_factors_the_matrix() -> None:
    size = 4
    samples, outputs = run("cholesky", size)
    matrix = np.zeros((size, size))
    matrix[np.tril_indices(size)] = samples
    matrix = matrix + np.tril(matrix, -1).T
    lower = np.eye(size)
    lower[np.tril_indices(size, -1)] = outputs[size:]
    assert lower @ np.diag(outputs[:size]) @ lower.T == pytest.approx(matrix)


def test_stencil_keeps_the_sum_of_the_ring() -> None:
    samples, outputs = run("stencil", 6)
    assert outputs.sum() == pytest.approx(samples.sum())
    assert np.ptp(outputs) < np.ptp(samples)


def test_horner_bank() -> None:
    samples, outputs = run("horner_bank", 4)
    point, rows = samples[0], samples[1:].reshape(4, 5)
    assert outputs == pytest.approx(sum(np.polyval(row, point) for row in rows))


def test_attention() -> None:
    samples, outputs = run("attention", 3)
    queries, keys, values = samples.reshape(3, 3, 4)
    scores = queries @ keys.T
    assert outputs == pytest.approx((scores @ values / scores.sum(axis=1, keepdims=True)).ravel())


def test_all_pairs() -> None:
    samples, outputs = run("all_pairs", 4)
    points = samples.reshape(5, 2)
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=(1, 2))
    assert outputs == pytest.approx(squares)


def test_convolution_layers() -> None:
    samples, outputs = run("convolution_layers", 2)
    image = samples.reshape(6, 6)
    for layer in range(2):
        taps = [[0.3 - 0.1 * ((layer + 3 * u + v) % 5) for v in range(3)] for u in range(3)]
        windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
        image = np.maximum(np.einsum("ijuv,uv->ij", windows, np.array(taps)), 0.0)
    assert outputs == pytest.approx(image.ravel())


def test_edit_distance_is_zero_between_equal_sequences_and_at_most_the_diagonal() -> None:
    equal: Iterator[float] = iter([1.0, 5.0, 2.0] * 2)
    assert KERNELS["edit_distance"](lambda: next(equal), 3) == [0.0]
    samples, outputs = run("edit_distance", 4)
    assert outputs[0] <= ((samples[:4] - samples[4:]) ** 2).sum() + 1e-12


def test_chacha_rounds_reproduce_the_published_block() -> None:
    words = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    words += [int.from_bytes(bytes(range(4 * i, 4 * i + 4)), "little") for i in range(8)]
    words += [1, 0x09000000, 0x4A000000, 0]
    given = iter(words)
    # RFC 8439, section 2.3.2.
    expected = [0xE4E7F110, 0x15593BD1, 0x1FDD0F50, 0xC47120A3]
    assert KERNELS["chacha_rounds"](lambda: next(given), 10)[:4] == expected


@pytest.mark.parametrize("name", sorted(KERNELS))
@pytest.mark.parametrize("size", [1, 3])
def test_graphs_grow_and_are_acyclic(name: str, size: int) -> None:
    trace = Trace()
    outputs = KERNELS[name](lambda: trace.record("input", 16), size)
    assert all(isinstance(output, Value) for output in outputs)
    assert all(tail < head for tail, head in trace.edges)
    assert len(set(trace.edges)) == len(trace.edges)
    assert all(1 <= width <= WIDEST for width in trace.bits)


def test_larger_sizes_make_larger_graphs() -> None:
    for name, kernel in KERNELS.items():
        counts = []
        for size in range(1, 5):
            trace = Trace()
            kernel(lambda trace=trace: trace.record("input", 8), size)
            counts.append(len(trace.kinds))
        assert all(small < large for small, large in pairwise(counts)), name
