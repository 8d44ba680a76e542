"""Expectations of schedules whose start times are independent Gaussians, in closed form, in JAX.

A start ``N(mu, sigma^2)`` falls on step ``d`` with probability
``Phi((d + 1/2 - mu) / sigma) - Phi((d - 1/2 - mu) / sigma)`` (GauS, arXiv 2602.20427). Only a window of steps
around each mean is evaluated; what lies outside counts at the window's ends, so that no probability is lost.

Shapes: n operations, m edges, W steps of a window, T steps in all. Everything is float32: counts of bits below 2^24
are exact there, and gradients need no more.
"""

from __future__ import annotations

from typing import TypeAlias

import jax
import jax.numpy as jnp

Array: TypeAlias = jax.Array

_LEAST = 1e-30


def window(reach: int) -> Array:
    """Steps of a window relative to its middle; shape (2 * reach + 1,)."""
    return jnp.arange(-reach, reach + 1)


def masses(means: Array, deviations: Array, reach: int) -> tuple[Array, Array]:
    """The distribution over steps of each start.

    Returns:
        The steps of each window, shape (n, W), and the probability of each, which sum to one.
    """
    steps = jnp.rint(jax.lax.stop_gradient(means)).astype(jnp.int32)[:, None] + window(reach)
    below = _below(steps[:, 1:] - 0.5, means[:, None], deviations[:, None])
    return steps, _differences(below)


def last_masses(means: Array, deviations: Array, source: Array, nodes: int, reach: int) -> tuple[Array, Array]:
    """The distribution over steps of the last consumer of each value.

    The last of independent starts is at most ``d`` with the product of the single probabilities.

    Args:
        means: mean start of the consumer at each edge; shape (m,).
        deviations: its deviation.
        source: the value at each edge, in ascending order.
        nodes: number of values.
        reach: half the window.

    Returns:
        As :func:`masses`; a value without consumers has a window of no meaning.
    """
    latest = jax.ops.segment_max(jax.lax.stop_gradient(means), source, nodes, indices_are_sorted=True)
    steps = jnp.rint(jnp.maximum(latest, -1.0)).astype(jnp.int32)[:, None] + window(reach)
    below = _below(steps[source, 1:] - 0.5, means[:, None], deviations[:, None])
    logarithms = jnp.log(jnp.maximum(below, _LEAST))
    product = jnp.exp(jax.ops.segment_sum(logarithms, source, nodes, indices_are_sorted=True))
    return steps, _differences(product)


def expected_profile(
    rows: Array, begins: Array, begin_masses: Array, ends: Array, end_masses: Array, row_count: int, step_count: int
) -> Array:
    """What is expected to be present at each step, of things that come and go at random steps.

    Args:
        rows: the row that each thing counts in; shape (k, 1).
        begins: steps at which it may come; shape (k, W).
        begin_masses: how much comes at each, its probability times its size.
        ends: steps from which on it may be gone; shape (k, W').
        end_masses: how much goes at each.
        row_count: rows of the result.
        step_count: columns of the result; what happens before or after them counts at their ends.

    Returns:
        The expected sum of sizes; shape (row_count, step_count).
    """
    change = jnp.zeros((row_count, step_count), begin_masses.dtype)
    change = change.at[rows, jnp.clip(begins, 0, step_count - 1)].add(begin_masses)
    change = change.at[rows, jnp.clip(ends, 0, step_count - 1)].add(-end_masses)
    return jnp.cumsum(change, axis=1)


def folded(profile: Array, interval: int) -> Array:
    """Columns summed by their number modulo ``interval``, which divides their count; unchanged when it is 0."""
    if not interval:
        return profile
    return profile.reshape(profile.shape[0], -1, interval).sum(axis=1)


def expected_excess(mean: Array, deviation: Array) -> Array:
    """The expectation of ``max(x, 0)`` for x Gaussian: ``mean Phi(mean/dev) + dev phi(mean/dev)``."""
    ratio = mean / deviation
    density = jnp.exp(-0.5 * ratio * ratio) * 0.3989422804014327
    return mean * jax.scipy.special.ndtr(ratio) + deviation * density


def soft_peak(profile: Array, temperature: Array) -> Array:
    """The log-sum-exp over the columns: at least the peak, at most ``temperature * log(columns)`` above it."""
    return temperature * jax.scipy.special.logsumexp(profile / temperature, axis=1)


def _below(steps: Array, means: Array, deviations: Array) -> Array:
    return jax.scipy.special.ndtr((steps - means) / deviations)


def _differences(below: Array) -> Array:
    padded = jnp.pad(below, ((0, 0), (1, 0)))
    return jnp.concatenate([padded[:, 1:], jnp.ones_like(below[:, :1])], axis=1) - padded
