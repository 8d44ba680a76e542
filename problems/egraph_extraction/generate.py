"""Makes instances of e-graph extraction by equality saturation of random programs of eight kinds.

Fresh instances::

    python generate.py --seed 7 --count 10 --out fresh/

The splits that are shipped, each instance from its line in ``shipped.json``::

    python generate.py --shipped --out instances/
"""

import argparse
import gzip
import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import families_hardware
import families_software
from saturation import Family, saturated, to_instance

FAMILIES: dict[str, Callable[[random.Random, float], Family]] = {
    "mcm": families_hardware.constant_multiplication,
    "fir": families_hardware.filter_bank,
    "datapath": families_hardware.datapath,
    "logic": families_hardware.logic,
    "tensor": families_software.tensor_graph,
    "matrix": families_software.matrix_products,
    "numerics": families_software.numerics,
    "array": families_software.array_program,
}
"""What the kinds of programs are called, and what makes one of a given size."""

SIZES = {
    "mcm": (2, 8), "fir": (2, 8), "datapath": (3, 8), "logic": (3, 10), "tensor": (4, 16), "matrix": (8, 24),
    "numerics": (4, 16), "array": (8, 30),
}  # fmt: skip
"""Range of sizes of fresh instances: in steps that each kind of program understands in its own way."""

EASY = 0.93
"""Fresh instances on which greedy extraction reaches this quality are not used."""

_GZIPPED_FROM_BYTES = 200_000
_ATTEMPTS = 200


@dataclass(frozen=True)
class Recipe:
    """What determines one instance.

    Attributes:
        family: key of ``FAMILIES``.
        seed: seed of the program and of the order of ids.
        size: size of the program.
        largest: limit on the number of nodes.
    """

    family: str
    seed: int
    size: float
    largest: int

    def make(self, smallest: int = 50) -> dict[str, Any]:
        """The instance.

        Raises:
            ValueError: it has fewer than ``smallest`` nodes.
        """
        source = random.Random(f"{self.family} {self.seed}")
        family = FAMILIES[self.family](source, self.size)
        nodes, roots = saturated(family, smallest, self.largest)
        return to_instance(family, nodes, roots, source)


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` instances to ``folder``, the kinds in turn, the same ones for the same seed.

    Raises:
        ImportError: egglog or the expert's packages are missing; the message says how to get them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = random.Random(seed)
    kinds = list(FAMILIES)
    for index in range(count):
        kind = kinds[index % len(kinds)]
        recipe, instance = _hard_instance(kind, source)
        write(instance, folder / f"{index:03d}_{recipe.family}_{len(instance['nodes'])}.json")


def write(instance: dict[str, Any], path: Path) -> None:
    """Write an instance to ``path``, or gzipped beside it when it is large."""
    content = (json.dumps(instance, separators=(",", ":")).replace('},"', '},\n"') + "\n").encode()
    if len(content) < _GZIPPED_FROM_BYTES:
        path.write_bytes(content)
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))


def greedy_quality(instance: dict[str, Any], moves: int = 300_000) -> float:
    """What bottom-up extraction by tree cost scores against a short local search; 1 is the easiest."""
    from heurigym.experts.egraph.annealing import Annealer
    from heurigym.experts.egraph.graph import from_json
    from heurigym.experts.egraph.greedy import tree_greedy
    from heurigym.experts.egraph.reduction import restricted, useful_nodes

    whole = from_json(json.loads(json.dumps(instance), parse_float=Decimal))
    graph, _ = restricted(whole, useful_nodes(whole))
    greedy = tree_greedy(graph)
    searched = Annealer(graph, 0).round(greedy, moves)
    return float(graph.cost_of(searched) / graph.cost_of(greedy))


def _hard_instance(kind: str, source: random.Random) -> tuple[Recipe, dict[str, Any]]:
    smallest, largest = SIZES[kind]
    for _ in range(_ATTEMPTS):
        recipe = Recipe(
            kind, source.randrange(1 << 32), source.randint(smallest, largest), source.choice([1000, 4000, 10000])
        )
        try:
            instance = recipe.make(100)
        except ValueError:
            continue
        if greedy_quality(instance) < EASY:
            return recipe, instance
    raise RuntimeError(f"no instance of kind {kind} in {_ATTEMPTS} attempts is large and hard enough")


def _write_shipped(folder: Path) -> None:
    shipped = json.loads((Path(__file__).parent / "shipped.json").read_text(encoding="utf-8"))
    for name, recipe in shipped.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(Recipe(**recipe).make(), path)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make instances of e-graph extraction.")
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
