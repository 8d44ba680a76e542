"""Training with fixed seeds, in double precision so that another machine arrives at the same weights."""

from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from heurigym.experts.quantization import adam, data
from heurigym.experts.quantization.layers import Layer, Network, linear

Parameters: TypeAlias = list[dict[str, Array]]
"""``weight``, ``bias`` and, where batch normalisation follows, ``gain`` of each layer."""

_BATCH = 64
_SMOOTHING = 0.1
"""Share of a label spread over all classes. Without it digits are learnt to probabilities so near 0 and 1 that the
loss is flat around the trained weights and second derivatives say nothing of quantisation."""

_DECAY = 0.01
_VARIANCE_FLOOR = 1e-5


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network with batch normalisation folded into the layers' weights and biases.

    Attributes:
        network: the architecture.
        weights: weight matrix of each layer.
        biases: bias of each layer.
    """

    network: Network
    weights: list[Array]
    biases: list[Array]


def initialise(network: Network, seed: int) -> Parameters:
    """Random weights (He et al., 2015: normal with variance 2 / fan-in), zero biases, unit gains."""
    generator = np.random.default_rng(seed)
    parameters: Parameters = []
    for layer in network.layers:
        weight = generator.normal(0.0, np.sqrt(2.0 / layer.fan_in), (layer.fan_in, layer.outputs))
        parameters.append({"weight": jnp.asarray(weight), "bias": jnp.zeros(layer.outputs)})
        if layer.normalised:
            parameters[-1]["gain"] = jnp.ones(layer.outputs)
    return parameters


def _training_logits(
    network: Network, parameters: Parameters, inputs: Array
) -> tuple[Array, dict[int, tuple[Array, Array]]]:
    """Logits with batch normalisation by the batch's own statistics, and the statistics by layer."""
    statistics: dict[int, tuple[Array, Array]] = {}

    def run(name: str, x: Array) -> Array:
        index = network.index(name)
        layer, own = network.layers[index], parameters[index]
        product = linear(layer, x, own["weight"])
        if layer.normalised:
            axes = tuple(range(product.ndim - 1))
            mean, variance = product.mean(axes), product.var(axes)
            statistics[index] = mean, variance
            product = (product - mean) * own["gain"] / jnp.sqrt(variance + _VARIANCE_FLOOR)
        return product + own["bias"]

    return network.forward(run, inputs), statistics


def _smoothed_loss(network: Network, parameters: Parameters, inputs: Array, targets: Array) -> Array:
    logits, _ = _training_logits(network, parameters, inputs)
    return -(targets * jax.nn.log_softmax(logits)).sum(-1).mean()


@partial(jax.jit, static_argnums=0)
def _step(network: Network, state: Any, inputs: Array, targets: Array, count: Array, rate: Array) -> Any:
    gradient = jax.grad(_smoothed_loss, argnums=1)(network, state[0], inputs, targets)
    return adam.step(state, gradient, count, rate, _DECAY)


def _shifted(images: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    """A batch of images moved by up to a pixel each way, over the background: little data goes further."""
    border = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=images.min())
    row, column = generator.integers(0, 3, 2)
    return border[:, row : row + images.shape[1], column : column + images.shape[2]]


def _fold(layer: Layer, own: dict[str, Array], statistics: tuple[Array, Array] | None) -> tuple[Array, Array]:
    if statistics is None:
        return own["weight"], own["bias"]
    mean, variance = statistics
    scale = own["gain"] / jnp.sqrt(variance + _VARIANCE_FLOOR)
    return own["weight"] * scale, own["bias"] - mean * scale


def train(network: Network, seed: int = 0) -> Trained:
    """Train a network from scratch.

    The statistics of batch normalisation come from one last pass over all training samples, not from running means:
    so a folded layer's outputs have over these samples exactly the offset as mean and the gain as deviation.

    Args:
        network: the architecture.
        seed: of the first weights and of the samples' order.
    """
    with jax.enable_x64(True):
        dataset = data.load(network.dataset)
        labels = np.eye(dataset.classes)[dataset.train_labels]
        targets = jnp.asarray((1 - _SMOOTHING) * labels + _SMOOTHING / dataset.classes)
        inputs = dataset.train_inputs
        generator = np.random.default_rng(seed + 1)
        state = adam.start(initialise(network, seed))
        batch = min(_BATCH, len(inputs) // 2)
        batches = len(inputs) // batch
        total = network.epochs * batches
        for step in range(total):
            if step % batches == 0:
                order = generator.permutation(len(inputs))
            chosen = order[step % batches * batch :][:batch]
            drawn = _shifted(inputs[chosen], generator) if network.shifted else inputs[chosen]
            rate = network.learning_rate * 0.5 * (1 + np.cos(np.pi * step / total))
            state = _step(network, state, drawn, targets[chosen], jnp.asarray(step + 1.0), jnp.asarray(rate))
        parameters = state[0]
        _, statistics = _training_logits(network, parameters, jnp.asarray(inputs))
        folded = [
            _fold(layer, own, statistics.get(index))
            for index, (layer, own) in enumerate(zip(network.layers, parameters, strict=True))
        ]
        return Trained(network, [weight for weight, _ in folded], [bias for _, bias in folded])
