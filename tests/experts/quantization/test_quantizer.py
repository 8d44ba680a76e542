"""Uniform quantisers: what every value becomes, whatever the values."""

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from heurigym.experts.quantization.quantizer import quantise_activations, quantise_weights

FLOATS = st.floats(-100, 100, width=32)
# One shape, so that the quantisers are compiled once.
MATRICES = npst.arrays(np.float64, (5, 3), elements=FLOATS)
BITS = st.integers(2, 8)


@settings(deadline=None, max_examples=25)
@given(MATRICES, BITS)
def test_weights_become_few_levels_of_each_channel_and_move_by_half_a_step_at_most(weight, bits):
    with jax.enable_x64(True):
        quantised = np.asarray(quantise_weights(jnp.asarray(weight), bits))
    largest = 2 ** (bits - 1) - 1
    for before, after in zip(weight.T, quantised.T, strict=True):
        step = np.abs(before).max() / largest
        assert np.all(np.abs(after - before) <= step / 2 * (1 + 1e-9))
        levels = after / (step or 1.0)
        assert np.allclose(levels, np.round(levels), atol=1e-6)
        assert np.abs(levels).max() <= largest + 1e-6


@settings(deadline=None, max_examples=25)
@given(MATRICES, BITS)
def test_weights_that_are_quantised_stay_as_they_are_and_signs_do_not_matter(weight, bits):
    with jax.enable_x64(True):
        once = quantise_weights(jnp.asarray(weight), bits)
        np.testing.assert_allclose(quantise_weights(once, bits), once, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(quantise_weights(-jnp.asarray(weight), bits), -once)


@settings(deadline=None, max_examples=25)
@given(MATRICES, BITS)
def test_activations_within_the_limits_move_by_a_step_at_most_and_zero_stays(values, bits):
    low, high = min(values.min(), 0.0), max(values.max(), 0.0) + 1e-3
    with jax.enable_x64(True):
        quantised = np.asarray(quantise_activations(jnp.asarray(values), bits, low, high))
        assert quantise_activations(jnp.zeros(1), bits, low, high)[0] == 0
    step = (high - low) / (2**bits - 1)
    assert np.abs(quantised - values).max() <= step * (1 + 1e-9)
    assert len(np.unique(np.round(quantised / step))) <= 2**bits


def test_activations_beyond_the_limits_are_clipped():
    with jax.enable_x64(True):
        quantised = quantise_activations(jnp.asarray([-5.0, 0.0, 9.0]), 4, 0.0, 3.0)
    np.testing.assert_allclose(quantised, [0.0, 0.0, 3.0])
