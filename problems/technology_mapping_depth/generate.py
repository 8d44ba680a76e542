"""Generator of circuits to map in bounded depth: real designs as networks of gates in BLIF, each with a bound.

python generate.py --seed 1 --count 10 --out FOLDER
python generate.py --shipped            # writes the instances of this folder again
"""

import argparse
import gzip
import random
from dataclasses import dataclass
from pathlib import Path

from heurigym.experts.mapping.blif import NamedAig
from heurigym.experts.mapping.designs import build_design, draw_designs
from heurigym.experts.mapping.lut_network import write_gates
from heurigym.experts.mapping.structure import Structure, shallowest_cover

K = 6

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
"""For each design its smallest and largest size in :func:`generate`."""


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


def _recipes(*designs: tuple[str, int, int]) -> tuple[Recipe, ...]:
    return tuple(Recipe(f"{design}_{size}", design, size, seed) for design, size, seed in designs)


SHIPPED = {
    "demo": _recipes(
        ("alu", 10, 0),
        ("float_adder", 16, 0),
        ("prefix_adder", 24, 3),
        ("sorter", 6, 1),
        ("priority_encoder", 40, 0),
    ),
    "eval": _recipes(
        ("aes_sbox", 1, 1),
        ("alu", 24, 0),
        ("arbiter", 20, 0),
        ("array_multiplier", 12, 0),
        ("booth_multiplier", 16, 0),
        ("comparator", 16, 4),
        ("comparator", 32, 5),
        ("cordic", 10, 6),
        ("crc", 48, 7),
        ("dadda_multiplier", 14, 0),
        ("divider", 16, 0),
        ("fir", 4, 8),
        ("float_adder", 24, 0),
        ("float_adder", 36, 0),
        ("hamming", 72, 0),
        ("instruction_decoder", 60, 9),
        ("instruction_decoder", 100, 10),
        ("memory_controller", 48, 11),
        ("memory_controller", 96, 12),
        ("multiply_accumulate", 12, 0),
        ("prefix_adder", 64, 13),
        ("priority_encoder", 120, 0),
        ("ripple_adder", 40, 0),
        ("sha256_rounds", 1, 14),
        ("sorter", 12, 15),
        ("square_root", 18, 0),
        ("voter", 191, 0),
    ),
}


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` fresh instances into ``folder``, the same for the same seed.

    Raises:
        ImportError: numba is missing, which depth bounds need.
    """
    rng = random.Random(seed)
    for index, (design, size) in enumerate(draw_designs(rng, SIZES, count)):
        write(Recipe(f"{index:03}_{design}_{size}", design, size, rng.getrandbits(32)), folder)


def write(recipe: Recipe, folder: Path) -> None:
    """Write one instance into ``folder``: its circuit, gzipped if it is large, and its least depth."""
    aig = build_design(recipe.design, recipe.size, recipe.seed)
    content = write_gates(NamedAig.numbered(recipe.name, aig))
    folder.mkdir(parents=True, exist_ok=True)
    if len(content) < _PACKED_FROM:
        (folder / f"{recipe.name}.blif").write_text(content, encoding="utf-8")
    else:
        (folder / f"{recipe.name}.blif.gz").write_bytes(gzip.compress(content.encode(), 9, mtime=0))
    least = shallowest_cover(Structure.of(aig, K)).depth()
    (folder / f"{recipe.name}.depth").write_text(f"{least}\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("generated"))
    parser.add_argument("--shipped", action="store_true", help="write the instances of this folder again")
    options = parser.parse_args()
    if options.shipped:
        for split, recipes in SHIPPED.items():
            for recipe in recipes:
                write(recipe, Path(__file__).parent / "instances" / split)
    else:
        generate(options.seed, options.count, options.out)


if __name__ == "__main__":
    main()
