"""The second-order loss of all layers' quantisation errors together, as one Gram matrix."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from heurigym.experts.quantization.inference import Ranges
from heurigym.experts.quantization.layers import Layer, Network, linear
from heurigym.experts.quantization.quantizer import (
    ACTIVATION_BITS,
    CHOICES,
    WEIGHT_BITS,
    quantise_activations,
    quantise_weights,
)


@partial(jax.jit, static_argnums=0)
def _output_errors(
    network: Network, weights: list[Array], biases: list[Array], ranges: Ranges, inputs: Array
) -> tuple[Array, Array, Array]:
    """First-order changes of the logits, ``J e``, and the network's probabilities, (sample, class).

    One reverse pass for each class gives the derivative of its logit in every layer's output; what an error adds to
    that output is the layer itself, applied to the error of its weights or of its input.

    Returns:
        Changes by the weights' errors, (layer, width, sample, class); by the inputs' errors; probabilities.
    """
    names = [layer.name for layer in network.layers]

    def forward(added: dict[str, Array]) -> tuple[Array, tuple[dict[str, Array], dict[str, Array]]]:
        read: dict[str, Array] = {}
        written: dict[str, Array] = {}

        def run(name: str, x: Array) -> Array:
            index = network.index(name)
            read[name] = x
            written[name] = linear(network.layers[index], x, weights[index]) + biases[index]
            return written[name] + added[name] if added else written[name]

        return network.forward(run, inputs), (read, written)

    values, (read, written) = forward({})
    zeros = {name: jnp.zeros_like(written[name]) for name in names}
    pull = jax.vjp(lambda added: forward(added)[0], zeros)[1]
    gradients = jax.lax.map(
        lambda logit: pull(jnp.broadcast_to(logit, values.shape))[0], jnp.eye(values.shape[1], dtype=values.dtype)
    )

    def change(name: str, error: Array) -> Array:
        return jnp.einsum("cn...,n...->nc", gradients[name], error)

    # Mapped over the widths rather than written out for each: the compiler's time grows with the program's length.
    by_weights, by_inputs = [], []
    for index, (name, layer, weight) in enumerate(zip(names, network.layers, weights, strict=True)):

        def of_weights(bits: Array, name: str = name, layer: Layer = layer, weight: Array = weight) -> Array:
            return change(name, linear(layer, read[name], quantise_weights(weight, bits) - weight))

        def of_input(
            bits: Array,
            name: str = name,
            layer: Layer = layer,
            weight: Array = weight,
            limits: Array = ranges[index],
        ) -> Array:
            error = quantise_activations(read[name], bits, limits[0], limits[1]) - read[name]
            return change(name, linear(layer, error, weight))

        by_weights.append(jax.lax.map(of_weights, jnp.asarray(WEIGHT_BITS)))
        by_inputs.append(jax.lax.map(of_input, jnp.asarray(ACTIVATION_BITS)))
    stacked = jnp.stack(by_weights), jnp.stack(by_inputs)
    return stacked[0], stacked[1], jax.nn.softmax(values)


def error_vectors(
    network: Network, weights: list[Array], biases: list[Array], ranges: Ranges, inputs: Array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vectors whose inner products are second-order losses: of the weights' and of the inputs' errors.

    Write e for all quantisation errors, in weights and, to first order, in inputs of layers, J for the derivative
    of the logits and p for the network's probabilities. The Kullback-Leibler divergence that the errors cause is to
    second order 1/2 |J e|^2 in the metric H = diag(p) - p p^T, averaged over samples: the gradient vanishes, and H
    is the whole curvature because the divergence is zero without errors. J^T H J is the Gauss-Newton (or Fisher)
    matrix in place of HAWQ's Hessian: the same where the network fits its labels, and positive semidefinite
    everywhere. An entry is sqrt(p_c / samples) times the deviation of (J e)_c from its mean under p, so that an
    inner product of two vectors is their product under H.

    Args:
        network: the architecture.
        weights: weight matrices.
        biases: biases.
        ranges: limits of the activations.
        inputs: calibration samples.

    Returns:
        (layer, width, entry) for the widths of weights, and for those of inputs.
    """
    by_weights, by_inputs, probabilities = _output_errors(network, weights, biases, ranges, inputs)
    root = jnp.sqrt(probabilities / len(inputs))

    def vectors(changes: Array) -> NDArray[np.float64]:
        centred = changes - (probabilities * changes).sum(-1, keepdims=True)
        return np.asarray((root * centred).reshape(*changes.shape[:2], -1))

    return vectors(by_weights), vectors(by_inputs)


def of_choices(by_weights: NDArray[np.float64], by_inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The vectors of ``CHOICES``: sums of a width of weights and a width of inputs, (layer, choice, entry)."""
    return np.stack(
        [
            by_weights[:, WEIGHT_BITS.index(weight)] + by_inputs[:, ACTIVATION_BITS.index(activation)]
            for weight, activation in CHOICES
        ],
        axis=1,
    )


def gram(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inner products of all vectors, (layer, choice, layer, choice)."""
    layers, choices, _ = vectors.shape
    flat = vectors.reshape(layers * choices, -1)
    return np.asarray(flat @ flat.T).reshape(layers, choices, layers, choices)


def predicted_losses(products: NDArray[np.float64], allocations: NDArray[np.int64]) -> NDArray[np.float64]:
    """The quadratic form, half the squared length of the sum of the chosen vectors, of each allocation.

    Args:
        products: what ``gram`` returned.
        allocations: choices, (allocation, layer).
    """
    layers = np.arange(allocations.shape[1])
    chosen = products[layers[:, None], allocations[:, :, None], layers[None, :], allocations[:, None, :]]
    return np.asarray(chosen.sum((1, 2)) / 2)
