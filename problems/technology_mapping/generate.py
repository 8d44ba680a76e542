"""Generator of circuits to map: real designs as networks of gates in BLIF.

python generate.py --seed 1 --count 10 --out FOLDER
python generate.py --shipped            # writes the instances of this folder again
"""

from pathlib import Path

from circuits import Recipe, command_line, drawn, recipes, write_circuit

SHIPPED = {
    "demo": recipes(
        ("alu", 12, 0), ("float_adder", 20, 0), ("crc", 20, 3), ("dadda_multiplier", 10, 0), ("arbiter", 12, 0)
    ),
    "eval": recipes(
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
    for recipe in drawn(seed, count):
        write(recipe, folder)


def write(recipe: Recipe, folder: Path) -> None:
    """Write one instance into ``folder``, gzipped if it is large."""
    write_circuit(recipe, folder)


def main() -> None:
    """Command line."""
    command_line(__doc__ or "", generate, write, SHIPPED, Path(__file__).parent)


if __name__ == "__main__":
    main()
