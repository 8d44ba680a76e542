"""Generator of circuits to map in bounded depth: real designs as networks of gates in BLIF, each with a bound.

python generate.py --seed 1 --count 10 --out FOLDER
python generate.py --shipped            # writes the instances of this folder again
"""

from pathlib import Path

from circuits import Recipe, command_line, drawn, recipes, write_circuit

from heurigym.experts.mapping.structure import Structure, shallowest_cover

K = 6

SHIPPED = {
    "demo": recipes(
        ("alu", 10, 0),
        ("float_adder", 16, 0),
        ("prefix_adder", 24, 3),
        ("sorter", 6, 1),
        ("priority_encoder", 40, 0),
    ),
    "eval": recipes(
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
    for recipe in drawn(seed, count):
        write(recipe, folder)


def write(recipe: Recipe, folder: Path) -> None:
    """Write one instance into ``folder``: its circuit, gzipped if it is large, and its least depth."""
    aig = write_circuit(recipe, folder)
    least = shallowest_cover(Structure.of(aig, K)).depth()
    (folder / f"{recipe.name}.depth").write_text(f"{least}\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    command_line(__doc__ or "", generate, write, SHIPPED, Path(__file__).parent)


if __name__ == "__main__":
    main()
