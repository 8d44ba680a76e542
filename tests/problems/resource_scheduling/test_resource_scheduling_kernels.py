"""Kernels compute what they are named after: run on numbers, they agree with numpy and published vectors."""

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from resource_scheduling_support import module

KERNELS = module("arithmetic_kernels").KERNELS
RECORDING = sys.modules["arithmetic_recording"]
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def run(name: str, size: int, given: Sequence[float] | None = None) -> tuple[Array, Array]:
    source: Iterator[float] = iter(given or np.random.default_rng(7).uniform(0.5, 1.0, 10_000).tolist())
    seen: list[float] = []

    def read() -> float:
        seen.append(next(source))
        return seen[-1]

    outputs = KERNELS[name][0](read, size)
    return np.array(seen), np.array(outputs, dtype=float)


def test_runge_kutta_keeps_the_invariant_of_the_equations() -> None:
    (x0, y0), (x1, y1) = run("runge_kutta", 50)
    invariant = [x + y - np.log(x * y) for x, y in ((x0, y0), (x1, y1))]
    assert invariant[1] == pytest.approx(invariant[0], rel=1e-6)
    assert abs(x1 - x0) > 1e-2


def test_gravity_pulls_along_the_lines_between_bodies() -> None:
    samples, outputs = run("gravity", 5)
    places = samples.reshape(5, 2)
    way = places[None] - places[:, None]
    distance = np.linalg.norm(way, axis=2)
    np.fill_diagonal(distance, 1.0)
    assert outputs.reshape(5, 2) == pytest.approx((way / distance[..., None] ** 3).sum(axis=1))


def test_quaternions_multiply_norms() -> None:
    samples, outputs = run("rotations", 4)
    norms = np.linalg.norm(samples.reshape(4, 4), axis=1)
    assert np.linalg.norm(outputs) == pytest.approx(norms.prod())
    assert run("rotations", 2, [0, 1, 0, 0, 0, 0, 1, 0])[1].tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_network_sorts_all_zeros_and_ones(size: int) -> None:
    for bits in itertools.product((0.0, 1.0), repeat=2**size):
        assert run("sorting_network", size, bits)[1].tolist() == sorted(bits)


def test_the_wavelet_of_a_line_has_details_at_its_end_alone() -> None:
    outputs = run("wavelet", 1, [float(k) for k in range(8)])[1]
    assert outputs[4:7].tolist() == [0, 0, 0]
    assert outputs[7] != 0
    assert outputs[:3].tolist() == [0, 2, 4]


def test_the_tridiagonal_system_is_solved() -> None:
    rows = np.random.default_rng(1).uniform(0.5, 1.0, (6, 4)) + np.array([0, 3, 0, 0])
    outputs = run("tridiagonal", 6, rows.ravel().tolist())[1]
    matrix = np.diag(rows[:, 1]) + np.diag(rows[1:, 0], -1) + np.diag(rows[:-1, 2], 1)
    assert matrix @ outputs == pytest.approx(rows[:, 3])


def test_layers_multiply_and_rectify() -> None:
    samples, outputs = run("dense_layers", 3)
    values, first, second = samples[:3], samples[3:12].reshape(3, 3), samples[12:].reshape(3, 3)
    assert outputs == pytest.approx(np.maximum(second @ np.maximum(first @ values, 0), 0))


def test_the_ray_meets_the_nearest_sphere() -> None:
    spheres = [9.0, 0.0, 0.5, 2.0, 5.0, 0.5, 0.0, 1.0]
    outputs = run("ray_and_spheres", 2, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, *spheres])[1]
    assert outputs == pytest.approx([5 - np.sqrt(1 - 0.25)])


def test_chacha_gives_the_block_of_the_standard() -> None:
    words = "61707865 3320646e 79622d32 6b206574 03020100 07060504 0b0a0908 0f0e0d0c 13121110 17161514"
    words += " 1b1a1918 1f1e1d1c 00000001 09000000 4a000000 00000000"
    source = iter([int(word, 16) for word in words.split()])
    block = KERNELS["chacha"][0](lambda: next(source), 10)
    assert [f"{word:08x}" for word in block[:4]] == ["e4e7f110", "15593bd1", "1fdd0f50", "c47120a3"]
    assert [f"{word:08x}" for word in block[-2:]] == ["e883d0cb", "4e3c50a2"]


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_strassen_multiplies(size: int) -> None:
    samples, outputs = run("strassen", size)
    left, right = samples.reshape(2, 2**size, 2**size)
    assert outputs == pytest.approx((left @ right).ravel())


def test_newton_finds_reciprocals() -> None:
    samples, outputs = run("reciprocals", 5)
    assert outputs == pytest.approx([(1 / samples).prod()])


def test_exponentials_are_close_and_sum_to_one() -> None:
    samples, outputs = run("exponentials", 6)
    assert outputs == pytest.approx(np.exp(samples) / np.exp(samples).sum(), rel=1e-3)
    assert outputs.sum() == pytest.approx(1)


def test_the_edit_distance_of_equal_and_of_different_words() -> None:
    def cost(left: str, right: str) -> float:
        mismatch = [float(a != b) for a in left for b in right]
        return float(run("edit_distance", len(left), mismatch)[1][0])

    assert cost("kernel", "kernel") == 0
    assert cost("martha", "marhta") == 2
    assert cost("abc", "bcd") == 2


def test_the_kalman_filter_weighs_by_variances() -> None:
    outputs = run("kalman", 1, [1.0, 0.9, 3.0, 5.0])[1]
    assert outputs == pytest.approx([1 + 0.25 * 4, 0.75])


def test_prefix_products_compose_all_maps_before() -> None:
    samples, outputs = run("prefix_products", 3)
    product = np.eye(2)
    for (scale, shift), found in zip(samples.reshape(-1, 2), outputs.reshape(-1, 2), strict=True):
        product = np.array([[scale, shift], [0, 1]]) @ product
        assert found == pytest.approx(product[0])


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_every_kernel_records_an_acyclic_graph_of_known_operations(name: str) -> None:
    known = set(module("generate").DELAYS)
    kernel: Callable[..., object]
    kernel, least, most = KERNELS[name]
    for size in (least, most):
        recorder = RECORDING.Recorder()
        kernel(recorder.input, size)
        assert recorder.kinds
        assert all(tail < head for tail, head in recorder.edges)
        assert len(set(recorder.edges)) == len(recorder.edges)
        assert set(recorder.kinds) <= known
