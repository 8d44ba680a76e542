"""Hutchinson's estimates against exact traces, on the network that is small enough for a full Hessian."""

import time
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from heurigym.experts.quantization import curvature, data, store
from heurigym.experts.quantization.measure import SEED, weight_loss


@dataclass(frozen=True, slots=True)
class Comparison:
    """Estimates of all layers with one number of probes.

    Attributes:
        probes: number of probes.
        error: mean over layers and repetitions of the estimate's relative error.
        standard_error: mean of the standard errors, relative to the exact traces.
        seconds: processor time of one estimate of all layers, after compilation.
    """

    probes: int
    error: float
    standard_error: float
    seconds: float


def compare(
    name: str = "perceptron", counts: tuple[int, ...] = (10, 50, 200), repetitions: int = 5
) -> list[Comparison]:
    """Estimate every layer's trace several times with each number of probes.

    Args:
        name: a network of a few hundred weights.
        counts: numbers of probes.
        repetitions: estimates with each, of different seeds.
    """
    trained = store.load(name)
    dataset = data.load(trained.network.dataset)
    with jax.enable_x64(True):
        batch = trained.biases, jnp.asarray(dataset.train_inputs), jnp.asarray(dataset.train_labels)
        loss = weight_loss(trained.network)
        exact = np.array([np.trace(block) for block in curvature.exact_blocks(loss, trained.weights, batch)])
        curvature.estimate_traces(loss, trained.weights, batch, 2, SEED)
        rows = []
        for probes in counts:
            began = time.process_time()
            estimates = [
                curvature.estimate_traces(loss, trained.weights, batch, probes, SEED + repetition)
                for repetition in range(repetitions)
            ]
            spent = (time.process_time() - began) / repetitions
            errors = [np.abs(estimate.values - exact) / np.abs(exact) for estimate in estimates]
            standard = [estimate.errors / np.abs(exact) for estimate in estimates]
            rows.append(Comparison(probes, float(np.mean(errors)), float(np.mean(standard)), spent))
    return rows
