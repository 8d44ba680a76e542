"""Generator of circuits to map: real designs as networks of gates in BLIF.

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
        ("alu", 12, 0), ("float_adder", 20, 0), ("crc", 20, 3), ("dadda_multiplier", 10, 0), ("arbiter", 12, 0)
    ),
    "eval": _recipes(
        ("aes_round", 1, 4),
        ("aes_sbox", 1, 0),
        ("alu", 32, 0),
        ("arbiter", 32, 0),
        ("array_multiplier", 14, 0),
        ("barrel_shifter", 6, 0),
        ("booth_multiplier", 12, 0),
        ("comparator", 20, 2),
        ("cordic", 12, 3),
        ("crc", 64, 5),
        ("dadda_multiplier", 18, 0),
        ("decoder", 7, 0),
        ("divider", 12, 0),
        ("divider", 24, 0),
        ("fir", 6, 6),
        ("float_adder", 32, 0),
        ("hamming", 48, 0),
        ("hamming", 100, 0),
        ("instruction_decoder", 40, 7),
        ("instruction_decoder", 120, 8),
        ("memory_controller", 40, 9),
        ("memory_controller", 110, 10),
        ("multiply_accumulate", 10, 0),
        ("prefix_adder", 48, 2),
        ("priority_encoder", 64, 0),
        ("ripple_adder", 48, 0),
        ("sha256_rounds", 1, 11),
        ("sorter", 10, 12),
        ("square_root", 16, 0),
        ("voter", 127, 0),
    ),
}


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` fresh instances into ``folder``, the same for the same seed.

    Raises:
        ImportError: numpy is missing.
    """
    rng = random.Random(seed)
    for index, (design, size) in enumerate(draw_designs(rng, SIZES, count)):
        write(Recipe(f"{index:03}_{design}_{size}", design, size, rng.getrandbits(32)), folder)


def write(recipe: Recipe, folder: Path) -> None:
    """Write one instance into ``folder``, gzipped if it is large."""
    content = write_gates(NamedAig.numbered(recipe.name, build_design(recipe.design, recipe.size, recipe.seed)))
    folder.mkdir(parents=True, exist_ok=True)
    if len(content) < _PACKED_FROM:
        (folder / f"{recipe.name}.blif").write_text(content, encoding="utf-8")
    else:
        (folder / f"{recipe.name}.blif.gz").write_bytes(gzip.compress(content.encode(), 9, mtime=0))


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
