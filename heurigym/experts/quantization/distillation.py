"""ZeroQ: inputs made to match a network's own statistics, and how far its outputs move on them."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from heurigym.experts.quantization import adam
from heurigym.experts.quantization.inference import Ranges, Recording, divergence, logits, quantised_logits, record
from heurigym.experts.quantization.layers import Network
from heurigym.experts.quantization.training import Trained

_STEPS = 100
_RATE = 0.1


def _mismatch(
    network: Network,
    weights: list[Array],
    biases: list[Array],
    target: tuple[list[Array], list[Array]],
    inputs: Array,
) -> Array:
    """Squared distance of the inputs' statistics from the target's, relative to each layer's scale.

    The last layer's outputs are left out: ZeroQ matches batch normalisation, which follows all layers but that one.
    """
    recording = record(network, weights, biases, inputs)
    means, deviations = target
    total = jnp.zeros(())
    for index in range(len(network.layers) - 1):
        scale = (deviations[index] ** 2).mean()
        total += ((recording.means[index] - means[index]) ** 2).mean() / scale
        total += ((recording.deviations[index] - deviations[index]) ** 2).mean() / scale
    return total


@partial(jax.jit, static_argnums=0)
def _step(network: Network, weights: Any, biases: Any, target: Any, state: Any, count: Array) -> Any:
    value, gradient = jax.value_and_grad(_mismatch, argnums=4)(network, weights, biases, target, state[0])
    return value, adam.step(state, gradient, count, _RATE)


def distil(trained: Trained, recording: Recording, shape: tuple[int, ...], seed: int) -> tuple[Array, float, float]:
    """Inputs that match the statistics of every layer's outputs, from Gaussian noise by gradient descent.

    ZeroQ (section 3.1) reads the statistics from batch normalisation. With batch normalisation folded they are the
    means and deviations of the layers' outputs over the training samples, and those are known for networks without
    batch normalisation too: one method serves all.

    Args:
        trained: the network.
        recording: statistics over the training samples.
        shape: of the inputs, samples first.
        seed: of the noise.

    Returns:
        The inputs, and the mismatch of the noise and of the inputs.
    """
    target = recording.means, recording.deviations
    noise = jnp.asarray(np.random.default_rng(seed).standard_normal(shape))
    state = adam.start(noise)
    first = float("nan")
    for count in range(_STEPS):
        value, state = _step(
            trained.network, trained.weights, trained.biases, target, state, jnp.asarray(count + 1.0)
        )
        if count == 0:
            first = float(value)
    last = float(_mismatch(trained.network, trained.weights, trained.biases, target, state[0]))
    return state[0], first, last


@partial(jax.jit, static_argnums=0)
def _moved(
    network: Network, weights: Any, biases: Any, ranges: Ranges, reference: Array, bits: Array, inputs: Array
) -> Array:
    return divergence(reference, quantised_logits(network, weights, biases, ranges, bits, inputs))


def kl_sensitivities(
    trained: Trained, ranges: Ranges, inputs: Array, widths: tuple[int, ...], part: int
) -> NDArray[np.float64]:
    """Divergence of the outputs when one layer alone is quantised (ZeroQ, equation 3), (layer, width), in nats.

    Args:
        trained: the network.
        ranges: limits of the activations.
        inputs: distilled inputs.
        widths: bit widths.
        part: 0 for the layer's weights, 1 for its input.
    """
    network, weights, biases = trained.network, trained.weights, trained.biases
    reference = logits(network, weights, biases, inputs)
    values = np.empty((len(network.layers), len(widths)))
    for index in range(len(network.layers)):
        for column, width in enumerate(widths):
            bits = jnp.zeros((len(network.layers), 2)).at[index, part].set(float(width))
            values[index, column] = float(_moved(network, weights, biases, ranges, reference, bits, inputs))
    return values
