"""Makes instances of mixed-precision bit allocation: layer tables of known networks, synthetic or measured losses.

Fresh instances::

    python generate.py --seed 7 --count 10 --out fresh/

The splits that are shipped, each instance from its line in ``shipped.json``::

    python generate.py --shipped --out instances/
"""

import argparse
import json
import random
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from assembly import DEVICES, assemble, write
from layer_tables import NETWORKS, Layer
from sensitivities import BAND, Fitted, Form, blocks_of, draw_form

MEASURED = Path(__file__).resolve().parent / "networks"
MEASURED_RESOLUTION = 1_000_000
"""Sum of all layers' mean losses alone, in the whole numbers of a measured instance."""

COUPLINGS = {
    "none": "synthetic: losses as on measured networks, no couplings",
    "chain": "synthetic: losses as on measured networks, couplings of neighbours alone and stronger than measured",
    "fitted": "synthetic: losses and couplings as on measured networks",
    "strong": "synthetic: losses as on measured networks, couplings stronger than measured",
}
"""The kinds of synthetic instances, and what their ``origin`` says."""

STRONGEST = 0.3
"""Standard deviation of the cosines of strongly coupled layers."""

FAMILIES = {
    "none": ("resnet50", "mobilenetv2", "bert_base", "llama2_7b"),
    "chain": ("vgg16", "plain34", "plain60", "gpt2_xl"),
    "fitted": ("resnet18", "resnet50", "mobilenetv2", "inceptionv3", "bert_base", "gpt2_xl"),
    "strong": ("resnet18", "resnet34", "resnet101", "mobilenetv2", "bert_base", "bert_large", "llama2_7b"),
}
"""The networks of fresh instances, by the kind of coupling."""

WIDTHS = (((2, 4, 8), (4, 8)), ((4, 8), (4, 8)), ((2, 3, 4, 8), (4, 8)), ((2, 4, 8), (2, 4, 8)))
"""Widths of weights and of activations of fresh instances."""


@dataclass(frozen=True)
class Recipe:
    """What determines one instance.

    Attributes:
        network: a key of ``NETWORKS``, or the name of a file in ``networks`` where ``coupling`` is ``measured``.
        coupling: a key of ``COUPLINGS``, or ``measured``.
        weights: widths of weights.
        activations: widths of activations.
        device: a key of ``DEVICES``.
        tightness: for each limited resource the share of the way from the leanest choice to the richest.
        seed: seed of losses and latencies.
    """

    network: str
    coupling: str
    weights: tuple[int, ...]
    activations: tuple[int, ...]
    device: str
    tightness: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0

    def make(self, name: str) -> dict[str, Any]:
        """The instance, called ``name``."""
        source = np.random.default_rng([self.seed, zlib.crc32(f"{self.network} {self.coupling}".encode())])
        if self.coupling == "measured":
            return self._measured(name, source)
        choices = [(weight, activation) for weight in self.weights for activation in self.activations]
        table = NETWORKS[self.network]()
        fitted = Fitted.stored()
        band = {"none": 0, "chain": 1}.get(self.coupling, BAND)
        if self.coupling in ("strong", "chain"):
            fitted = replace(fitted, mean_cosine=0.0, spread_cosine=STRONGEST)
        if self.coupling == "chain":
            table = replace(table, joins=[])
        blocks = blocks_of(table, band, fitted.dimension)
        form = draw_form(len(table.layers), blocks, choices, fitted, source)
        return self._assemble(name, COUPLINGS[self.coupling], table.layers, table.groups, choices, form, source)

    def _measured(self, name: str, source: np.random.Generator) -> dict[str, Any]:
        content = json.loads((MEASURED / f"{self.network}.json").read_text(encoding="utf-8"))
        kept = [
            place
            for place, (weight, activation) in enumerate(content["choices"])
            if weight in self.weights and activation in self.activations
        ]
        loss = np.array(content["loss"])[:, kept]
        scale = MEASURED_RESOLUTION / float(loss.mean(axis=1).sum())
        alone = np.rint(scale * loss).astype(np.int64)
        pairs = {
            (pair["i"], pair["j"]): np.rint(scale * np.array(pair["values"])[np.ix_(kept, kept)]).astype(np.int64)
            for pair in content["pairs"]
        }
        layers = [
            Layer(entry["name"], entry["parameters"], entry["macs"], _values(entry)) for entry in content["layers"]
        ]
        choices = [tuple(content["choices"][place]) for place in kept]
        origin = f"measured: {content['title']}, trained on {content['dataset']}"
        return self._assemble(name, origin, layers, content["ties"], choices, Form(alone, pairs), source)

    def _assemble(
        self,
        name: str,
        origin: str,
        layers: Any,
        groups: Any,
        choices: Any,
        form: Form,
        source: np.random.Generator,
    ) -> dict[str, Any]:
        latency = [DEVICES[self.device].latency(layer, choices, source) for layer in layers]
        return assemble(name, origin, layers, groups, choices, form, latency, self.tightness)


def _values(entry: Mapping[str, Any]) -> int:
    """Activations of a measured layer: its channels in and out, once for each place where its weights are used."""
    return int((entry["inputs"] + entry["outputs"]) * (entry["macs"] // entry["parameters"]))


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` synthetic instances to ``folder``, the kinds in turn, the same ones for the same seed."""
    folder.mkdir(parents=True, exist_ok=True)
    source = random.Random(seed)
    for index in range(count):
        coupling = ("strong", "fitted", "chain", "none")[index % 4]
        network = source.choice(FAMILIES[coupling])
        weights, activations = source.choice(WIDTHS)
        tightness = {
            resource: round(source.uniform(0.15, 0.5), 3)
            for resource in source.choice((("size",), ("size", "latency"), ("size", "bit_operations", "latency")))
        }
        recipe = Recipe(
            network, coupling, weights, activations, source.choice(["server", "edge"]), tightness,
            source.randrange(1 << 32),
        )  # fmt: skip
        name = f"{index:03d}_{network}_{coupling}"
        write(recipe.make(name), folder / f"{name}.json")


def _write_shipped(folder: Path) -> None:
    shipped = json.loads((Path(__file__).resolve().parent / "shipped.json").read_text(encoding="utf-8"))
    for place, recipe in shipped.items():
        path = folder / f"{place}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(Recipe(**recipe).make(path.stem), path)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make instances of mixed-precision bit allocation.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the instances")
    parser.add_argument("--seed", type=int, default=0, help="seed of fresh instances")
    parser.add_argument("--count", type=int, default=8, help="number of fresh instances")
    parser.add_argument("--shipped", action="store_true", help="make the shipped demo and eval splits instead")
    arguments = parser.parse_args()
    if arguments.shipped:
        _write_shipped(arguments.out)
    else:
        generate(arguments.seed, arguments.count, arguments.out)


if __name__ == "__main__":
    main()
