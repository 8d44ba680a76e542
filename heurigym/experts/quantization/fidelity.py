"""How well what is cheap to compute predicts what quantisation does."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from heurigym.experts.quantization.evaluation import evaluate
from heurigym.experts.quantization.training import Trained


@dataclass(frozen=True, slots=True)
class Correlation:
    """A proxy against the truth over random allocations: Spearman's rank correlations.

    Attributes:
        proxy: ``quadratic`` (all pairs of layers), ``additive`` (its diagonal), ``hawq`` (HAWQ-V2's sum of average
            trace times squared error of the weights) or ``zeroq`` (sum of divergences on distilled inputs).
        divergence: with the divergence from the outputs in full precision on the calibration samples.
        loss_increase: with the increase of the cross-entropy on the test samples.
        accuracy_loss: with the accuracy lost on the test samples.
    """

    proxy: str
    divergence: float
    loss_increase: float
    accuracy_loss: float


def random_allocations(
    layers: int, choices: NDArray[np.int64], ties: list[list[int]], count: int, seed: int
) -> NDArray[np.int64]:
    """Allocations from coarse to fine: each draws its own shares of the choices, then a choice for every layer.

    Args:
        layers: number of layers.
        choices: positions of the choices that may occur.
        ties: groups of layers that agree.
        count: number of allocations.
        seed: random seed.

    Returns:
        Positions of choices, (allocation, layer).
    """
    generator = np.random.default_rng(seed)
    drawn = np.empty((count, layers), dtype=np.int64)
    for row in drawn:
        row[:] = generator.choice(choices, layers, p=generator.dirichlet(np.full(len(choices), 0.5)))
        for first, *others in ties:
            row[others] = row[first]
    return drawn


def proxies(document: dict[str, Any], allocations: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """What each proxy says of each allocation.

    Args:
        document: a measured network.
        allocations: positions of choices, (allocation, layer).
    """
    rows, choices = document["layers"], document["choices"]
    alone = np.asarray(document["loss"])
    hawq = [[row["average_trace"] * row["perturbation"][str(weight)] for weight, _ in choices] for row in rows]
    zeroq = [[row["kl"][str(w)] + row["kl_activation"][str(a)] for w, a in choices] for row in rows]
    layers = np.arange(len(rows))
    additive = alone[layers, allocations].sum(1)
    coupled = np.zeros(len(allocations))
    for pair in document["pairs"]:
        coupled += np.asarray(pair["values"])[allocations[:, pair["i"]], allocations[:, pair["j"]]]
    return {
        "quadratic": additive + coupled,
        "additive": additive,
        "hawq": np.asarray(hawq)[layers, allocations].sum(1),
        "zeroq": np.asarray(zeroq)[layers, allocations].sum(1),
    }


def correlations(
    trained: Trained, document: dict[str, Any], least_bits: int, count: int = 24, seed: int = 0
) -> list[Correlation]:
    """Draw allocations, quantise the network by each of them, and compare.

    Args:
        trained: the network.
        document: what was measured of it.
        least_bits: least width of weights in the draws.
        count: number of allocations.
        seed: of the draws.
    """
    choices = document["choices"]
    allowed = np.asarray([k for k, (weight, _) in enumerate(choices) if weight >= least_bits])
    allocations = random_allocations(len(document["layers"]), allowed, document["ties"], count, seed)
    measured = evaluate(trained, [[choices[k] for k in row] for row in allocations.tolist()])
    truths = (
        [result.calibration_divergence for result in measured],
        [result.loss_increase for result in measured],
        [-result.accuracy for result in measured],
    )
    return [
        Correlation(proxy, *(float(stats.spearmanr(values, truth).statistic) for truth in truths))
        for proxy, values in proxies(document, allocations).items()
    ]
