"""From layers, losses and budgets to the JSON of an instance."""

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from layer_tables import Layer
from sensitivities import Form

_GZIPPED_FROM_BYTES = 100_000


@dataclass(frozen=True)
class Device:
    """Hardware with a roofline: time is what computing or moving data takes, whichever is longer, and a start.

    Attributes:
        macs: multiply-accumulates a nanosecond with both operands of 8 bits; twice as many with 4, half with 16.
        bytes: bytes of memory traffic a nanosecond.
        start: nanoseconds before each layer.
        spread: standard deviation of the logarithm of a layer's time about the roofline.
    """

    macs: float
    bytes: float
    start: float
    spread: float

    def latency(self, layer: Layer, choices: Sequence[tuple[int, int]], random: np.random.Generator) -> list[int]:
        """Nanoseconds of a layer under each choice, whole and at least 1."""
        kernels: dict[int, float] = {}
        times = []
        for weight, activation in choices:
            # Hardware multiplies operands of 2, 4, 8 or 16 bits; others are widened.
            width = 1 << math.ceil(math.log2(max(weight, activation)))
            kernel = kernels.setdefault(width, math.exp(random.normal(0.0, self.spread)))
            computing = layer.macs * width / 8 / self.macs
            moving = (layer.parameters * weight + layer.values * activation) / 8 / self.bytes
            times.append(max(1, round(self.start + kernel * max(computing, moving))))
        return times


DEVICES = {
    "server": Device(40_000.0, 300.0, 3_000.0, 0.08),
    "edge": Device(1_500.0, 25.0, 8_000.0, 0.08),
    "micro": Device(2.0, 0.4, 20_000.0, 0.05),
}
"""Hardware by name: a data centre's accelerator, a board for the edge, and a microcontroller."""


def assemble(
    name: str,
    origin: str,
    layers: Sequence[Layer],
    groups: Sequence[Sequence[int]],
    choices: Sequence[tuple[int, int]],
    losses: Form,
    latency: Sequence[Sequence[int]],
    tightness: Mapping[str, float],
) -> dict[str, Any]:
    """An instance whose budgets are at the given shares of the way from the leanest uniform choice to the richest.

    Args:
        name: a name, without meaning.
        origin: where the sensitivities come from, for people.
        layers: the layers.
        groups: positions of layers that must agree.
        choices: bits of weights and activations.
        losses: the loss.
        latency: nanoseconds of each layer under each choice.
        tightness: for each resource that is limited, a share from 0 to 1.
    """
    bits = np.array(choices, dtype=np.int64)
    totals = {
        "size": sum(layer.parameters for layer in layers) * bits[:, 0],
        "bit_operations": sum(layer.macs for layer in layers) * bits.prod(axis=1),
        "latency": np.array(latency, dtype=np.int64).sum(axis=0),
    }
    lean, rich = int(bits.prod(axis=1).argmin()), int(bits.prod(axis=1).argmax())
    budgets = {
        resource: int(totals[resource][lean])
        + int(share * (int(totals[resource][rich]) - int(totals[resource][lean])))
        for resource, share in tightness.items()
    }
    return {
        "name": name,
        "origin": origin,
        "form": "pairwise" if losses.pairs else "additive",
        "choices": [list(choice) for choice in choices],
        "budgets": budgets,
        "groups": [[layers[place].name for place in group] for group in groups],
        "layers": [
            {
                "name": layer.name,
                "parameters": layer.parameters,
                "macs": layer.macs,
                "latency": list(times),
                "loss": alone.tolist(),
            }
            for layer, times, alone in zip(layers, latency, losses.alone, strict=True)
        ],
        "pairs": [
            {"layers": [layers[one].name, layers[other].name], "loss": table.tolist()}
            for (one, other), table in sorted(losses.pairs.items())
        ],
    }


def write(instance: Mapping[str, Any], path: Path) -> None:
    """Write an instance to ``path``, or gzipped beside it when it is large."""
    content = (json.dumps(instance, separators=(",", ":")).replace(',{"', ',\n{"') + "\n").encode()
    if len(content) < _GZIPPED_FROM_BYTES:
        path.write_bytes(content)
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
