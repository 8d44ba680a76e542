"""Running a trained network: as it is, while recording, with quantised layers, or with disturbed ones."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from heurigym.experts.quantization.layers import Network, linear
from heurigym.experts.quantization.quantizer import quantise_activations, quantise_weights

Ranges: TypeAlias = Array
"""(layer, 2): least and greatest value that each layer reads in calibration, zero included."""


class Recording(NamedTuple):
    """What passed each layer.

    Attributes:
        ranges: least and greatest input of each layer.
        means: mean output of each layer by channel.
        deviations: standard deviation of each layer's output by channel.
    """

    ranges: Ranges
    means: list[Array]
    deviations: list[Array]


@partial(jax.jit, static_argnums=0)
def logits(network: Network, weights: Sequence[Array], biases: Sequence[Array], inputs: Array) -> Array:
    """Logits in full precision, (sample, class)."""

    def run(name: str, x: Array) -> Array:
        index = network.index(name)
        return linear(network.layers[index], x, weights[index]) + biases[index]

    return network.forward(run, inputs)


@partial(jax.jit, static_argnums=0)
def record(network: Network, weights: Sequence[Array], biases: Sequence[Array], inputs: Array) -> Recording:
    """Run in full precision and keep what the layers read and write."""
    ranges: dict[str, Array] = {}
    outputs: dict[str, Array] = {}

    def run(name: str, x: Array) -> Array:
        index = network.index(name)
        ranges[name] = jnp.stack([jnp.minimum(x.min(), 0.0), jnp.maximum(x.max(), 0.0)])
        output = linear(network.layers[index], x, weights[index]) + biases[index]
        outputs[name] = output.reshape(-1, output.shape[-1])
        return output

    network.forward(run, inputs)
    names = [layer.name for layer in network.layers]
    return Recording(
        ranges=jnp.stack([ranges[name] for name in names]),
        means=[outputs[name].mean(0) for name in names],
        deviations=[outputs[name].std(0) for name in names],
    )


def macs(network: Network, shape: tuple[int, ...]) -> list[int]:
    """Multiplications and additions of each layer for one sample of a shape."""
    found: dict[str, int] = {}

    def run(name: str, x: Array) -> Array:
        layer = network.layers[network.index(name)]
        output = linear(layer, x, jnp.zeros((layer.fan_in, layer.outputs)))
        found[name] = output.size // layer.outputs * layer.parameters
        return output

    jax.eval_shape(lambda x: network.forward(run, x), jnp.zeros((1, *shape)))
    return [found[layer.name] for layer in network.layers]


@partial(jax.jit, static_argnums=0)
def quantised_logits(
    network: Network,
    weights: Sequence[Array],
    biases: Sequence[Array],
    ranges: Ranges,
    bits: Array,
    inputs: Array,
) -> Array:
    """Logits with every layer's weights and input quantised.

    Args:
        network: the architecture.
        weights: weights in full precision.
        biases: biases, which stay in full precision.
        ranges: limits of the activations.
        bits: (layer, 2): bits of weights and of the input; 0 leaves them as they are.
        inputs: samples.
    """

    def run(name: str, x: Array) -> Array:
        index = network.index(name)
        own, (low, high) = bits[index], ranges[index]
        weight = jnp.where(own[0] > 0, quantise_weights(weights[index], own[0]), weights[index])
        x = jnp.where(own[1] > 0, quantise_activations(x, own[1], low, high), x)
        return linear(network.layers[index], x, weight) + biases[index]

    return network.forward(run, inputs)


def cross_entropy(values: Array, labels: Array) -> Array:
    """Mean cross-entropy of logits against labels."""
    return -jnp.take_along_axis(jax.nn.log_softmax(values), labels[:, None], axis=-1).mean()


def divergence(reference: Array, values: Array) -> Array:
    """Mean Kullback-Leibler divergence of other logits' distribution from that of reference logits, in nats."""
    expected, actual = jax.nn.log_softmax(reference), jax.nn.log_softmax(values)
    return (jnp.exp(expected) * (expected - actual)).sum(-1).mean()


def accuracy(values: Array, labels: NDArray[np.int64]) -> float:
    """Share of samples whose greatest logit is that of their class."""
    return float((np.asarray(values).argmax(-1) == labels).mean())
