"""What an allocation of bits really does: the quantised network on test samples that nothing else has seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from heurigym.errors import InputError
from heurigym.experts.quantization import data, store
from heurigym.experts.quantization.inference import (
    Ranges,
    Recording,
    accuracy,
    cross_entropy,
    divergence,
    logits,
    quantised_logits,
    record,
)
from heurigym.experts.quantization.layers import Network
from heurigym.experts.quantization.training import Trained

CALIBRATION = 256
"""Training samples on which limits of activations are found and sensitivities are measured."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A network on the test samples.

    Attributes:
        accuracy: share of samples that are classified correctly.
        loss: mean cross-entropy in nats.
        loss_increase: loss less that of the network in full precision.
        divergence: mean Kullback-Leibler divergence from the outputs in full precision, in nats.
        calibration_divergence: the same on the calibration samples, which is what the quadratic form predicts.
    """

    accuracy: float
    loss: float
    loss_increase: float
    divergence: float
    calibration_divergence: float


def calibration_ranges(trained: Trained) -> Ranges:
    """Limits of every layer's input over the calibration samples."""
    inputs = jnp.asarray(data.load(trained.network.dataset).train_inputs[:CALIBRATION])
    recording: Recording = record(trained.network, trained.weights, trained.biases, inputs)
    return recording.ranges


def _checked(network: Network, allocation: Sequence[Sequence[int]]) -> Array:
    if len(allocation) != len(network.layers):
        raise InputError(
            f"allocation of {network.name!r} has {len(allocation)} layers: give {len(network.layers)} pairs of bits"
        )
    for layer, pair in zip(network.layers, allocation, strict=True):
        if len(pair) != 2 or not all(type(bits) is int and 2 <= bits <= 16 for bits in pair):
            raise InputError(f"allocation, layer {layer.name!r}: {pair!r} must be two bit widths from 2 to 16")
    return jnp.asarray(np.asarray(allocation, dtype=np.float64))


def evaluate(trained: Trained, allocations: Sequence[Sequence[Sequence[int]]]) -> list[Evaluation]:
    """Quantise a network by each allocation and run it on the test samples.

    Args:
        trained: the network.
        allocations: for each allocation the pair (bits of weights, bits of the input) of every layer.

    Raises:
        InputError: an allocation does not fit the network.
    """
    with jax.enable_x64(True):
        network, weights, biases = trained.network, trained.weights, trained.biases
        checked = [_checked(network, allocation) for allocation in allocations]
        dataset = data.load(network.dataset)
        seen, unseen = jnp.asarray(dataset.train_inputs[:CALIBRATION]), jnp.asarray(dataset.test_inputs)
        labels = jnp.asarray(dataset.test_labels)
        ranges = calibration_ranges(trained)
        inputs = jnp.concatenate([unseen, seen])
        reference = logits(network, weights, biases, inputs)
        loss = float(cross_entropy(reference[: len(unseen)], labels))
        results = []
        for bits in checked:
            values = quantised_logits(network, weights, biases, ranges, bits, inputs)
            tested = values[: len(unseen)]
            measured = float(cross_entropy(tested, labels))
            results.append(
                Evaluation(
                    accuracy=accuracy(tested, dataset.test_labels),
                    loss=measured,
                    loss_increase=measured - loss,
                    divergence=float(divergence(reference[: len(unseen)], tested)),
                    calibration_divergence=float(divergence(reference[len(unseen) :], values[len(unseen) :])),
                )
            )
        return results


def full_precision(trained: Trained) -> tuple[float, float]:
    """Accuracy and loss in full precision on the test samples."""
    with jax.enable_x64(True):
        dataset = data.load(trained.network.dataset)
        values = logits(trained.network, trained.weights, trained.biases, jnp.asarray(dataset.test_inputs))
        return accuracy(values, dataset.test_labels), float(cross_entropy(values, jnp.asarray(dataset.test_labels)))


def evaluate_accuracy(network: str, allocation: Sequence[Sequence[int]]) -> Evaluation:
    """Apply an allocation to a network that ships and measure it on test data.

    Args:
        network: the network's name.
        allocation: the pair (bits of weights, bits of the input) of every layer.

    Raises:
        InputError: the network is unknown or the allocation does not fit it.
    """
    return evaluate(store.load(network), [allocation])[0]


def evaluate_allocations(network: str, allocations: Sequence[Sequence[Sequence[int]]]) -> list[Evaluation]:
    """``evaluate_accuracy`` for many allocations at once; the network is compiled only once."""
    return evaluate(store.load(network), allocations)
