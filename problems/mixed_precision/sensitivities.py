"""Synthetic sensitivities: a vector of whole numbers for each layer and choice, coupled where blocks overlap.

The loss of an allocation is the squared length of the sum of its layers' error vectors, so it is never negative,
whatever the bits: the quadratic form is a Gram matrix of whole numbers. A layer's vector lives in the blocks that
it is part of; layers that share no block are not coupled. What the distributions are fitted to is in
``fitted.json``.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from layer_tables import Table

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

FITTED = Path(__file__).resolve().parent / "fitted.json"
BAND = 3
"""How many layers away the couplings of synthetic instances reach, residual connections apart."""
_SHARED = sum(BAND + 1 - apart for apart in range(1, BAND + 1)) / BAND / (BAND + 1)
"""Mean share of their components that two layers in the band have in common."""


@dataclass(frozen=True)
class Fitted:
    """Distributions of what was measured on the networks in ``networks``.

    ``python -m heurigym.experts.quantization fit networks/{cnn,mobilenet,resnet,transformer}.json`` writes them.
    Lengths are those of error vectors, and logarithms are natural.

    Attributes:
        slope: change of the logarithm of a layer's length from the first layer to the last.
        spread: standard deviation of that logarithm about the line.
        weight_drop: fall of the logarithm of the weights' error for each bit more.
        weight_jitter: standard deviation of that logarithm for each layer and width.
        activation_log: mean logarithm of the inputs' error over the weights', both at 4 bits.
        activation_spread: standard deviation of that.
        activation_drop: fall of the logarithm of the inputs' error for each bit more.
        mean_cosine: mean cosine of the vectors of two layers that are near, at 4 bits.
        spread_cosine: standard deviation of these cosines.
        own_cosine: mean cosine of the vectors of one layer at two widths of its weights.
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

    @classmethod
    def stored(cls) -> "Fitted":
        """What is in ``fitted.json``."""
        return cls(**json.loads(FITTED.read_text(encoding="utf-8")))

    @property
    def dimension(self) -> int:
        """How often each block must be there for cosines to spread as they do.

        Directions are random, so the cosine of two layers that share s of their n components has variance s / n^2.
        """
        return max(1, round(_SHARED / (BAND + 1) / self.spread_cosine**2))

    @property
    def offset(self) -> float:
        """The mean of components of standard deviation 1 for which cosines have their mean."""
        cosine = min(0.9, max(0.0, self.mean_cosine) / _SHARED)
        return math.sqrt(cosine / (1.0 - cosine))


@dataclass(frozen=True)
class Form:
    """A quadratic form in whole numbers.

    Attributes:
        alone: loss of each layer alone under each choice, shape (layers, K).
        pairs: loss that comes from two layers together, by the positions of both, shape (K, K) each.
    """

    alone: Ints
    pairs: dict[tuple[int, int], Ints]


def blocks_of(table: Table, band: int, dimension: int) -> list[list[int]]:
    """The layers of each block: windows of ``band + 1`` layers, and those that a residual connection joins.

    Each is there ``dimension`` times; the fewer dimensions, the stronger the couplings. The first and last windows
    hang over the ends, so that all layers are in equally many.
    """
    count = len(table.layers)
    windows = [list(range(max(0, begin), min(begin + band + 1, count))) for begin in range(-band, count)]
    joins = [list(join) for join in table.joins if band and abs(join[0] - join[1]) > band]
    return [block for block in windows + joins for _ in range(dimension)]


def draw_form(
    layers: int,
    blocks: Sequence[Sequence[int]],
    choices: Sequence[tuple[int, int]],
    fitted: Fitted,
    random: np.random.Generator,
    resolution: float = 400.0,
) -> Form:
    """A random form for ``layers`` layers; ``resolution`` is a typical vector's length at 4 bits."""
    depth = np.linspace(0.0, 1.0, layers)
    size = fitted.slope * (depth - 0.5) + random.normal(0.0, fitted.spread, layers)
    inputs = fitted.activation_log + random.normal(0.0, fitted.activation_spread, layers)
    vectors = []
    for layer in range(layers):
        own = [number for number, block in enumerate(blocks) if layer in block]
        common = random.normal(size=len(own))
        of_weights = {
            bits: math.exp(fitted.weight_drop * (4 - bits) + random.normal(0.0, fitted.weight_jitter))
            * _direction(common, fitted.offset, fitted.own_cosine, random)
            for bits in sorted({weight for weight, _ in choices})
        }
        toward = _direction(random.normal(size=len(own)), fitted.offset, 1.0, random)
        of_inputs = {
            bits: math.exp(fitted.activation_drop * (4 - bits)) * toward
            for bits in sorted({bits for _, bits in choices})
        }
        scale = resolution * math.exp(size[layer])
        rows = [of_weights[weight] + math.exp(inputs[layer]) * of_inputs[bits] for weight, bits in choices]
        vectors.append(dict(zip(own, np.rint(scale * np.array(rows)).astype(np.int64).T, strict=True)))
    alone = np.array([sum(component**2 for component in vector.values()) for vector in vectors], dtype=np.int64)
    pairs: dict[tuple[int, int], Ints] = {}
    for number, block in enumerate(blocks):
        for place, one in enumerate(sorted(block)):
            for other in sorted(block)[place + 1 :]:
                product = 2 * np.outer(vectors[one][number], vectors[other][number])
                pairs[one, other] = pairs[one, other] + product if (one, other) in pairs else product
    return Form(alone, pairs)


def _direction(common: Floats, offset: float, share: float, random: np.random.Generator) -> Floats:
    """A unit vector of cosine ``share`` with its layer's others, leaning by ``offset`` towards all layers'."""
    fresh = random.normal(size=len(common))
    share = max(0.0, min(1.0, share))
    mixed = offset + math.sqrt(share) * common + math.sqrt(1.0 - share) * fresh
    return np.asarray(mixed / max(1e-12, float(np.linalg.norm(mixed))))
