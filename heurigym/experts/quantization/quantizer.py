"""Uniform quantisation as in HAWQ-V3: weights symmetric per output channel, activations asymmetric per tensor.

Both simulate integers in floating point: they return the values that the integers stand for.
"""

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

WEIGHT_BITS = (2, 3, 4, 6, 8)
"""Bit widths of weights that are measured."""

ACTIVATION_BITS = (4, 8)
"""Bit widths of a layer's input that are measured."""

CHOICES = tuple((weight, activation) for weight in WEIGHT_BITS for activation in ACTIVATION_BITS)
"""(weight bits, activation bits) that a layer may have."""


def quantise_weights(weight: Array, bits: ArrayLike) -> Array:
    """Weights rounded to the integers ``-n..n`` times a scale, where ``n = 2^(bits - 1) - 1``.

    The scale of each output channel maps its largest absolute weight to ``n``; a channel of zeros stays zero.

    Args:
        weight: matrix of one column per output channel.
        bits: at least 2; may be a traced array.
    """
    largest = 2.0 ** (jnp.asarray(bits) - 1) - 1
    extent = jnp.abs(weight).max(0)
    scale = jnp.where(extent > 0, extent, 1.0) / largest
    return jnp.round(weight / scale) * scale


def quantise_activations(x: Array, bits: ArrayLike, low: ArrayLike, high: ArrayLike) -> Array:
    """Values rounded to ``2^bits`` steps between two limits that were fixed beforehand; values beyond are clipped.

    An integer stands for zero exactly, so that padding and inactive units stay zero.

    Args:
        x: activations.
        bits: at least 1; may be a traced array.
        low: least value seen in calibration, at most 0.
        high: greatest value seen in calibration, at least 0 and more than ``low``.
    """
    steps = 2.0 ** jnp.asarray(bits) - 1
    scale = (jnp.asarray(high) - jnp.asarray(low)) / steps
    zero = jnp.round(-jnp.asarray(low) / scale)
    return (jnp.clip(jnp.round(x / scale) + zero, 0, steps) - zero) * scale
