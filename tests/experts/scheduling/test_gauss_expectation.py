"""Closed forms against numerical integration, sampling and exact counts."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

jax = pytest.importorskip("jax", reason="JAX is not installed: pip install 'heurigym[experts]'")
jnp = jax.numpy

from heurigym.experts.scheduling.gauss import expectation  # noqa: E402


def real(*numbers: float) -> "jax.Array":
    return jnp.asarray(numbers, dtype=jnp.float32)


def test_masses_are_integrals_of_the_density_over_steps() -> None:
    means, deviations = (3.2, 7.9), (0.7, 1.9)
    steps, mass = expectation.masses(real(*means), real(*deviations), 12)
    for row, (mean, deviation) in enumerate(zip(means, deviations, strict=True)):
        for step, value in zip(steps[row].tolist(), mass[row].tolist(), strict=True):
            exact, _ = integrate.quad(stats.norm(mean, deviation).pdf, step - 0.5, step + 0.5)
            assert value == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("reach", [3, 10])
def test_no_probability_is_lost_outside_the_window(reach: int) -> None:
    _, mass = expectation.masses(real(0.0, 100.4), real(0.01, 40.0), reach)
    assert np.asarray(mass.sum(axis=1)) == pytest.approx(1.0, abs=1e-6)


def test_the_last_consumer_is_distributed_as_sampled() -> None:
    random = np.random.default_rng(5)
    means, deviations = np.array([4.0, 5.0, 5.5, 2.0]), np.array([1.0, 0.5, 2.0, 0.7])
    source = jnp.asarray([0, 0, 0, 1])
    steps, mass = expectation.last_masses(real(*means), real(*deviations), source, 2, 15)
    drawn = np.rint(random.normal(means, deviations, (200_000, 4)))
    for row, columns in enumerate(([0, 1, 2], [3])):
        last = drawn[:, columns].max(axis=1)
        for step, value in zip(steps[row].tolist(), mass[row].tolist(), strict=True):
            assert value == pytest.approx(float((last == step).mean()), abs=0.005)


def test_the_profile_is_what_samples_average_to() -> None:
    random = np.random.default_rng(6)
    means, deviations = np.array([5.0, 9.0, 12.5]), np.array([1.5, 0.8, 2.0])
    rows, length, size = np.array([0, 1, 0]), np.array([3, 4, 2]), np.array([2.0, 5.0, 1.0])
    steps, mass = expectation.masses(real(*means), real(*deviations), 12)
    weighted = mass * jnp.asarray(size, dtype=jnp.float32)[:, None]
    profile = expectation.expected_profile(
        jnp.asarray(rows)[:, None], steps, weighted, steps + jnp.asarray(length)[:, None], weighted, 2, 30
    )
    count = 100_000
    begins = np.rint(random.normal(means, deviations, (count, 3))).astype(int)
    sampled = np.zeros((2, 30))
    for thing in range(3):
        for ahead in range(length[thing]):
            at = np.clip(begins[:, thing] + ahead, 0, 29)
            np.add.at(sampled[rows[thing]], at, size[thing] / count)
    assert np.asarray(profile) == pytest.approx(sampled, abs=0.02)


def test_folding_adds_steps_of_the_same_remainder() -> None:
    profile = jnp.arange(12.0).reshape(1, 12)
    assert expectation.folded(profile, 4).tolist() == [[0 + 4 + 8, 1 + 5 + 9, 2 + 6 + 10, 3 + 7 + 11]]
    assert expectation.folded(profile, 0) is profile


@pytest.mark.parametrize(("mean", "deviation"), [(-3.0, 1.0), (0.0, 2.0), (0.4, 0.3), (5.0, 1.0)])
def test_expected_excess_is_the_integral(mean: float, deviation: float) -> None:
    exact, _ = integrate.quad(
        lambda x: x * stats.norm(mean, deviation).pdf(x), 0, mean + 12 * deviation, points=[max(mean, 0.0)]
    )
    assert float(expectation.expected_excess(real(mean), real(deviation))[0]) == pytest.approx(exact, abs=1e-5)


def test_the_soft_peak_lies_just_above_the_peak() -> None:
    profile = real(1.0, 7.0, 6.5, 2.0)[None, :]
    for temperature in (0.01, 0.5):
        soft = float(expectation.soft_peak(profile, jnp.float32(temperature))[0])
        assert 7.0 <= soft + 1e-5 <= 7.0 + temperature * math.log(4) + 2e-5


def test_gradients_are_finite_far_out_in_the_tails() -> None:
    source = jnp.asarray([0, 0, 1])

    def total(means: "jax.Array", deviations: "jax.Array") -> "jax.Array":
        steps, mass = expectation.masses(means, deviations, 5)
        last, last_mass = expectation.last_masses(means, deviations, source, 2, 5)
        profile = expectation.expected_profile(jnp.zeros((1, 1), int), steps[:2], mass[:2], last, last_mass, 1, 50)
        excess = expectation.expected_excess(means - 1e4, deviations).sum()
        return expectation.soft_peak(profile, jnp.float32(0.1))[0] + excess

    slopes = jax.grad(total, argnums=(0, 1))(real(-1000.0, 3.0, 4e4), real(1e-3, 0.25, 500.0))
    assert all(bool(jnp.isfinite(slope).all()) for slope in slopes)
