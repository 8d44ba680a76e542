"""Generator of covering problems: circuits of real designs, some with a bound on the depth.

python generate.py --seed 1 --count 10 --out FOLDER
python generate.py --shipped            # writes the instances of this folder again
"""

import argparse
import gzip
import json
import math
import random
from dataclasses import dataclass
from pathlib import Path

from heurigym.experts.mapping.aig import Aig
from heurigym.experts.mapping.designs import build_design, draw_designs
from heurigym.experts.mapping.structure import Structure, shallowest_cover

_PACKED_FROM = 40_000

SIZES = {
    "ripple_adder": (16, 96),
    "prefix_adder": (16, 96),
    "array_multiplier": (6, 32),
    "dadda_multiplier": (6, 40),
    "booth_multiplier": (8, 40),
    "multiply_accumulate": (6, 24),
    "divider": (8, 40),
    "square_root": (8, 40),
    "barrel_shifter": (4, 7),
    "alu": (6, 64),
    "comparator": (8, 40),
    "sorter": (5, 28),
    "priority_encoder": (24, 160),
    "arbiter": (8, 48),
    "crc": (8, 96),
    "hamming": (16, 128),
    "aes_sbox": (1, 3),
    "aes_round": (1, 2),
    "sha256_rounds": (1, 8),
    "fir": (3, 32),
    "float_adder": (12, 64),
    "cordic": (8, 24),
    "voter": (31, 511),
    "decoder": (6, 9),
    "instruction_decoder": (24, 128),
    "memory_controller": (16, 192),
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
        k: largest number of leaves of a LUT.
        slack: the depth bound as a multiple of the least depth of a cover; ``None`` for no bound.
    """

    name: str
    design: str
    size: int
    seed: int = 0
    k: int = 6
    slack: float | None = None


SHIPPED = {
    "demo": (
        Recipe("alu_8", "alu", 8),
        Recipe("float_adder_16_fast", "float_adder", 16, slack=1.0),
        Recipe("crc_24", "crc", 24, seed=1),
        Recipe("array_multiplier_16_k4", "array_multiplier", 16, k=4),
        Recipe("sorter_14_fast", "sorter", 14, seed=1, slack=1.2),
    ),
    "eval": (
        Recipe("alu_32_fast", "alu", 32, slack=1.0),
        Recipe("alu_64_k4", "alu", 64, k=4),
        Recipe("aes_round_1", "aes_round", 1, seed=2),
        Recipe("aes_sbox_1", "aes_sbox", 1),
        Recipe("arbiter_24", "arbiter", 24),
        Recipe("arbiter_64_fast", "arbiter", 64, slack=1.0),
        Recipe("array_multiplier_12", "array_multiplier", 12),
        Recipe("array_multiplier_160", "array_multiplier", 160),
        Recipe("booth_multiplier_24", "booth_multiplier", 24),
        Recipe("comparator_24", "comparator", 24, seed=3),
        Recipe("cordic_16", "cordic", 16, seed=1),
        Recipe("crc_80", "crc", 80, seed=4),
        Recipe("dadda_multiplier_20_fast", "dadda_multiplier", 20, slack=1.0),
        Recipe("decoder_8", "decoder", 8),
        Recipe("divider_16", "divider", 16),
        Recipe("divider_48", "divider", 48),
        Recipe("divider_320", "divider", 320),
        Recipe("fir_16", "fir", 16, seed=5),
        Recipe("float_adder_32", "float_adder", 32),
        Recipe("float_adder_64_fast", "float_adder", 64, slack=1.1),
        Recipe("hamming_64", "hamming", 64),
        Recipe("hamming_100_fast", "hamming", 100, slack=1.0),
        Recipe("instruction_decoder_72", "instruction_decoder", 72, seed=6),
        Recipe("memory_controller_64_k5", "memory_controller", 64, seed=7, k=5),
        Recipe("memory_controller_200_fast", "memory_controller", 200, seed=8, slack=1.0),
        Recipe("multiply_accumulate_14", "multiply_accumulate", 14),
        Recipe("prefix_adder_64_fast", "prefix_adder", 64, seed=1, slack=1.0),
        Recipe("priority_encoder_100", "priority_encoder", 100),
        Recipe("ripple_adder_32", "ripple_adder", 32),
        Recipe("sha256_rounds_2", "sha256_rounds", 2),
        Recipe("sha256_rounds_16_fast", "sha256_rounds", 16, seed=1, slack=1.15),
        Recipe("sorter_30_fast", "sorter", 30, seed=9, slack=1.0),
        Recipe("square_root_24", "square_root", 24),
        Recipe("voter_255", "voter", 255),
    ),
}


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` fresh instances into ``folder``, the same for the same seed.

    Raises:
        ImportError: numba is missing, which depth bounds need.
    """
    rng = random.Random(seed)
    for index, (design, size) in enumerate(draw_designs(rng, SIZES, count)):
        slack = rng.choice([None, None, 1.0, 1.15])
        k = rng.choice([4, 5, 6, 6, 6, 6])
        write(Recipe(f"{index:03}_{design}_{size}", design, size, rng.getrandbits(32), k, slack), folder)


def write(recipe: Recipe, folder: Path) -> None:
    """Write one instance into ``folder``, gzipped if it is large."""
    aig = build_design(recipe.design, recipe.size, recipe.seed)
    content = json.dumps(describe(recipe, aig), separators=(",", ":")).replace('"gates":', '\n"gates":') + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    if len(content) < _PACKED_FROM:
        (folder / f"{recipe.name}.json").write_text(content, encoding="utf-8")
    else:
        (folder / f"{recipe.name}.json.gz").write_bytes(gzip.compress(content.encode(), 9, mtime=0))


def describe(recipe: Recipe, aig: Aig) -> dict[str, object]:
    """The content of an instance file."""
    bound = None
    if recipe.slack is not None:
        bound = math.floor(recipe.slack * shallowest_cover(Structure.of(aig, recipe.k)).depth())
    return {
        "name": recipe.name,
        "k": recipe.k,
        "max_depth": bound,
        "inputs": aig.inputs,
        "outputs": aig.outputs.tolist(),
        "gates": aig.gates.tolist(),
    }


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
