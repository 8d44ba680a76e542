"""Distributions fitted to measured networks, from which sensitivities of untrained networks are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BAND = 4
"""Greatest distance, in layers, of pairs whose cosines are fitted."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters of the distributions; lengths are those of error vectors, logarithms are natural.

    Attributes:
        slope: change of the logarithm of a layer's length at 4 bits from the first layer to the last.
        spread: standard deviation of that logarithm about its network's line.
        weight_drop: fall of the logarithm of the length of the weights' error for each bit more.
        weight_jitter: standard deviation of that logarithm about a layer's line.
        activation_log: mean logarithm of the inputs' length at 4 bits over the weights' at 4 bits.
        activation_spread: standard deviation of that.
        activation_drop: fall of the logarithm of the length of the inputs' error for each bit more.
        mean_cosine: mean cosine of the vectors of two layers at most ``BAND`` apart, weights and inputs at 4 bits.
        spread_cosine: standard deviation of these cosines.
        own_cosine: mean cosine of the weights' vectors of one layer at two widths.
    """

    slope: float
    spread: float
    weight_drop: float
    weight_jitter: float
    activation_log: float
    activation_spread: float
    activation_drop: float
    mean_cosine: float
    spread_cosine: float
    own_cosine: float


def _log_lengths(document: dict[str, Any], field: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Widths, and logarithms of lengths (layer, width)."""
    rows = document["layers"]
    widths = sorted(int(bits) for bits in rows[0][field])
    losses = np.array([[row[field][str(bits)] for bits in widths] for row in rows])
    return np.array(widths, dtype=float), 0.5 * np.log(2 * losses)


def trend(documents: Sequence[dict[str, Any]], columns: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Common slope over relative depth (0 to 1), and deviation about each network's own line of that slope.

    Args:
        documents: measured networks.
        columns: for each network a value for every layer.
    """
    depths = [np.linspace(0.0, 1.0, len(document["layers"])) for document in documents]
    x = np.concatenate([depth - depth.mean() for depth in depths])
    y = np.concatenate([values - values.mean() for values in columns])
    slope = float(x @ y / (x @ x))
    return slope, float(np.sqrt(((y - slope * x) ** 2).sum() / (len(y) - len(documents) - 1)))


def cosines(document: dict[str, Any], choice: tuple[int, int] = (4, 4)) -> dict[int, list[float]]:
    """Cosines of the error vectors of all pairs of layers under one choice, by the distance of the layers."""
    k = document["choices"].index(list(choice))
    lengths = [np.sqrt(2 * row[k]) for row in document["loss"]]
    found: dict[int, list[float]] = {}
    for pair in document["pairs"]:
        i, j = pair["i"], pair["j"]
        found.setdefault(j - i, []).append(pair["values"][k][k] / (lengths[i] * lengths[j]))
    return found


def fit(documents: Sequence[dict[str, Any]]) -> Fit:
    """Fit to networks as ``measure`` describes them; every layer counts the same."""
    weights = [_log_lengths(document, "weight_loss") for document in documents]
    inputs = [_log_lengths(document, "activation_loss") for document in documents]
    at_four = [logs[:, list(widths).index(4)] for widths, logs in weights]
    slope, spread = trend(documents, at_four)
    widths, logs = weights[0][0], np.concatenate([logs for _, logs in weights])
    centred = widths - widths.mean()
    drop = float((logs @ centred).mean() / (centred @ centred))
    residuals = logs - logs.mean(1, keepdims=True) - drop * centred
    coarse, fine = inputs[0][0][[0, -1]]
    ratios = np.concatenate(
        [of_inputs[1][:, 0] - of_weights for of_inputs, of_weights in zip(inputs, at_four, strict=True)]
    )
    falls = np.concatenate([logs[:, 0] - logs[:, -1] for _, logs in inputs]) / (fine - coarse)
    near = [
        value
        for document in documents
        for distance, values in cosines(document).items()
        if distance <= BAND
        for value in values
    ]
    own = [row["own_cosine"] for document in documents for row in document["layers"]]
    return Fit(
        slope=slope,
        spread=spread,
        weight_drop=-drop,
        weight_jitter=float(residuals.std()),
        activation_log=float(ratios.mean()),
        activation_spread=float(ratios.std()),
        activation_drop=float(falls.mean()),
        mean_cosine=float(np.mean(near)),
        spread_cosine=float(np.std(near)),
        own_cosine=float(np.mean(own)),
    )
