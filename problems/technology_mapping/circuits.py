"""Circuits of the two problems that map networks of gates: recipes, files, and the generators' command line.

``technology_mapping_depth`` has this module as a link.
"""

import argparse
import gzip
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heurigym.experts.mapping.aig import Aig
from heurigym.experts.mapping.blif import NamedAig
from heurigym.experts.mapping.designs import build_design, draw_designs
from heurigym.experts.mapping.lut_network import write_gates

_PACKED_FROM = 40_000

SIZES = {
    "ripple_adder": (16, 96),
    "prefix_adder": (16, 80),
    "array_multiplier": (6, 20),
    "dadda_multiplier": (6, 20),
    "booth_multiplier": (8, 20),
    "multiply_accumulate": (6, 16),
    "divider": (6, 20),
    "square_root": (8, 24),
    "barrel_shifter": (4, 7),
    "alu": (6, 48),
    "comparator": (8, 40),
    "sorter": (5, 16),
    "priority_encoder": (24, 160),
    "arbiter": (8, 40),
    "crc": (8, 96),
    "hamming": (16, 128),
    "aes_sbox": (1, 2),
    "aes_round": (1, 1),
    "sha256_rounds": (1, 3),
    "fir": (3, 16),
    "float_adder": (12, 40),
    "cordic": (8, 16),
    "voter": (31, 511),
    "decoder": (6, 8),
    "instruction_decoder": (24, 128),
    "memory_controller": (16, 128),
}
"""For each design its smallest and largest size in :func:`drawn`."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an instance is made.

    Attributes:
        name: name of the instance.
        design: name of its design.
        size: the design's size.
        seed: seed of the design's random parts.
    """

    name: str
    design: str
    size: int
    seed: int = 0


def recipes(*designs: tuple[str, int, int]) -> tuple[Recipe, ...]:
    """Recipes of designs with their sizes and seeds, named by design and size."""
    return tuple(Recipe(f"{design}_{size}", design, size, seed) for design, size, seed in designs)


def drawn(seed: int, count: int) -> Iterator[Recipe]:
    """``count`` fresh recipes, the same for the same seed."""
    rng = random.Random(seed)
    for index, (design, size) in enumerate(draw_designs(rng, SIZES, count)):
        yield Recipe(f"{index:03}_{design}_{size}", design, size, rng.getrandbits(32))


def write_circuit(recipe: Recipe, folder: Path) -> Aig:
    """Write the circuit of a recipe into ``folder``, gzipped if it is large; returns it."""
    aig = build_design(recipe.design, recipe.size, recipe.seed)
    content = write_gates(NamedAig.numbered(recipe.name, aig))
    folder.mkdir(parents=True, exist_ok=True)
    if len(content) < _PACKED_FROM:
        (folder / f"{recipe.name}.blif").write_text(content, encoding="utf-8")
    else:
        (folder / f"{recipe.name}.blif.gz").write_bytes(gzip.compress(content.encode(), 9, mtime=0))
    return aig


def command_line(
    description: str,
    generate: Callable[[int, int, Path], None],
    write: Callable[[Recipe, Path], None],
    shipped: Mapping[str, Sequence[Recipe]],
    folder: Path,
) -> None:
    """The command line of a problem's generator; ``folder`` is the problem's."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("generated"))
    parser.add_argument("--shipped", action="store_true", help="write the instances of this folder again")
    options = parser.parse_args()
    if options.shipped:
        for split, own in shipped.items():
            for recipe in own:
                write(recipe, folder / "instances" / split)
    else:
        generate(options.seed, options.count, options.out)
