"""Everything that allocating bits needs to know of a network, as one JSON document.

Layout, ``schema`` 1; numbers have nine significant digits, losses are in nats:

- ``name``, ``title``, ``dataset``: the network; ``samples``, ``probes``, ``seed``: calibration samples, Hutchinson
  probes, seed of all randomness.
- ``accuracy``, ``test_loss``: on the test samples in full precision.
- ``choices``: pairs (bits of weights, bits of the layer's input).
- ``ties``: groups of layer indexes that read one tensor and therefore make the same choice.
- ``layers``: in the order in which data pass them. Each has ``name``, ``kind``, ``inputs``, ``outputs``,
  ``kernel``; ``parameters``; ``macs`` for one sample; ``weight_square``, the sum of squared weights; ``trace`` of
  the layer's block of the Hessian of the cross-entropy, ``trace_error``, its standard error, and ``average_trace``,
  the trace over the parameters (HAWQ-V2); ``top_eigenvalue`` of the block (HAWQ); by bits of weights
  ``perturbation``, the squared error of the weights, and ``kl``, by bits of the input ``kl_activation``, the
  divergence on distilled inputs (ZeroQ); ``weight_loss`` and ``activation_loss``, the second-order loss of the
  weights' and of the input's error alone; ``own_cosine``, the mean cosine of the weights' error vectors of two
  widths.
- ``distillation``: mismatch of the statistics of ``noise`` and of the ``distilled`` inputs.
- ``loss[i][k]``: second-order loss of layer i under choice k alone, half the square of its error vector.
- ``pairs``: one ``{"i", "j", "values"}`` for each i < j; ``values[k][l]`` is the inner product of the error vectors
  of layer i under choice k and of layer j under choice l.

The predicted loss of an allocation is the sum of its ``loss`` terms and of its ``values``: half a squared norm, so
never negative (up to the last digit that is written).
"""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from heurigym.experts.quantization import coupling, curvature, data, distillation, evaluation
from heurigym.experts.quantization.inference import Recording, cross_entropy, logits, macs, record
from heurigym.experts.quantization.layers import Network
from heurigym.experts.quantization.quantizer import ACTIVATION_BITS, CHOICES, WEIGHT_BITS, quantise_weights
from heurigym.experts.quantization.training import Trained

SEED = 2
PROBES = 50
_CURVED = 64
"""Calibration samples over which second derivatives are taken, as HAWQ takes them over one batch."""

_DISTILLED = 32


def _number(value: float) -> float:
    return float(f"{float(value):.9g}")


def _by_bits(widths: Sequence[int], values: Sequence[float]) -> dict[str, float]:
    return {str(bits): _number(value) for bits, value in zip(widths, values, strict=True)}


def weight_loss(network: Network) -> curvature.Loss:
    """The cross-entropy as a function of the weights and of (biases, samples, labels)."""

    def loss(weights: list[Array], batch: tuple[list[Array], Array, Array]) -> Array:
        biases, inputs, labels = batch
        return cross_entropy(logits(network, weights, biases, inputs), labels)

    return loss


def _layers(
    trained: Trained, inputs: Array, labels: Array, recording: Recording, distilled: Array, probes: int
) -> list[dict[str, Any]]:
    network = trained.network

    batch = trained.biases, inputs[:_CURVED], labels[:_CURVED]
    loss = weight_loss(network)
    traces = curvature.estimate_traces(loss, trained.weights, batch, probes, SEED)
    eigenvalues = curvature.top_eigenvalues(loss, trained.weights, batch, SEED + 1)
    kl = distillation.kl_sensitivities(trained, recording.ranges, distilled, WEIGHT_BITS, 0)
    kl_activation = distillation.kl_sensitivities(trained, recording.ranges, distilled, ACTIVATION_BITS, 1)
    operations = macs(network, inputs.shape[1:])
    rows = []
    for index, (layer, weight) in enumerate(zip(network.layers, trained.weights, strict=True)):
        errors = [float(((quantise_weights(weight, bits) - weight) ** 2).sum()) for bits in WEIGHT_BITS]
        rows.append(
            {
                "name": layer.name,
                "kind": layer.kind,
                "inputs": layer.inputs,
                "outputs": layer.outputs,
                "kernel": layer.kernel,
                "parameters": layer.parameters,
                "macs": operations[index],
                "weight_square": _number(float((weight**2).sum())),
                "trace": _number(traces.values[index]),
                "trace_error": _number(traces.errors[index]),
                "average_trace": _number(traces.values[index] / layer.parameters),
                "top_eigenvalue": _number(eigenvalues[index]),
                "perturbation": _by_bits(WEIGHT_BITS, errors),
                "kl": _by_bits(WEIGHT_BITS, kl[index].tolist()),
                "kl_activation": _by_bits(ACTIVATION_BITS, kl_activation[index].tolist()),
            }
        )
    return rows


def _parts(by_weights: NDArray[np.float64], by_inputs: NDArray[np.float64]) -> dict[str, Any]:
    lengths = np.linalg.norm(by_weights, axis=1)
    cosines = by_weights @ by_weights.T / np.maximum(np.outer(lengths, lengths), np.finfo(float).tiny)
    return {
        "weight_loss": _by_bits(WEIGHT_BITS, (lengths**2 / 2).tolist()),
        "activation_loss": _by_bits(ACTIVATION_BITS, ((by_inputs**2).sum(1) / 2).tolist()),
        "own_cosine": _number(cosines[np.triu_indices(len(cosines), 1)].mean()),
    }


def measure(trained: Trained, probes: int = PROBES) -> dict[str, Any]:
    """Measure a trained network in double precision.

    Args:
        trained: the network.
        probes: number of Hutchinson probes.

    Returns:
        The document that this module describes.
    """
    with jax.enable_x64(True):
        network = trained.network
        dataset = data.load(network.dataset)
        inputs = jnp.asarray(dataset.train_inputs[: evaluation.CALIBRATION])
        labels = jnp.asarray(dataset.train_labels[: evaluation.CALIBRATION])
        recording = record(network, trained.weights, trained.biases, inputs)
        shape = (min(_DISTILLED, len(inputs)), *inputs.shape[1:])
        distilled, noise_mismatch, mismatch = distillation.distil(trained, recording, shape, SEED + 2)
        vectors = coupling.error_vectors(network, trained.weights, trained.biases, recording.ranges, inputs)
        products = coupling.gram(coupling.of_choices(*vectors))
        accuracy, test_loss = evaluation.full_precision(trained)
        count, choices = len(network.layers), range(len(CHOICES))
        return {
            "schema": 1,
            "name": network.name,
            "title": network.title,
            "dataset": network.dataset,
            "samples": len(inputs),
            "probes": probes,
            "seed": SEED,
            "accuracy": _number(accuracy),
            "test_loss": _number(test_loss),
            "choices": [list(choice) for choice in CHOICES],
            "ties": [list(group) for group in network.ties],
            "layers": [
                row | _parts(*(part[index] for part in vectors))
                for index, row in enumerate(_layers(trained, inputs, labels, recording, distilled, probes))
            ],
            "distillation": {"noise": _number(noise_mismatch), "distilled": _number(mismatch)},
            "loss": [[_number(products[i, k, i, k] / 2) for k in choices] for i in range(count)],
            "pairs": [
                {"i": i, "j": j, "values": [[_number(products[i, k, j, m]) for m in choices] for k in choices]}
                for i, j in itertools.combinations(range(count), 2)
            ],
        }


def write(document: dict[str, Any], folder: Path) -> Path:
    """Write a measured network to ``NAME.json`` in a folder and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{document['name']}.json"
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")
    return path
