"""The expert of technology mapping in bounded depth; needs the extra ``experts``, and is best with ABC on PATH.

python baseline.py instance.blif instance.depth --out solution.blif
"""

import argparse
import json
from pathlib import Path
from typing import Any

from heurigym.experts.mapping.functional import map_circuit


def solve(instance: list[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The solution file of the expert and what is known of it; no bound is known.

    Args:
        instance: the circuit and the file of its depth bound.
        seconds: processor time to spend.
        seed: fixes the search, as far as it is not cut off by the time.

    Raises:
        ImportError: a package of the extra is missing.
    """
    circuit, depth_file = instance
    bound = int(depth_file.read_text(encoding="utf-8"))
    result = map_circuit(circuit.read_text(encoding="utf-8"), seconds, seed, max_depth=bound)
    return result.blif, {
        "objective": result.luts,
        "bound": None,
        "optimal": False,
        "solver": result.solver,
        "version": result.version,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", type=Path, nargs=2, help="the two files of an instance, not gzipped")
    parser.add_argument("--time", type=float, default=60.0, help="seconds for each instance")
    parser.add_argument("--seed", type=int, default=0, help="random seed")
    parser.add_argument("--out", type=Path, help="file to write the solution to")
    options = parser.parse_args()
    text, info = solve(options.instance, options.time, options.seed)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(json.dumps(info))


if __name__ == "__main__":
    main()
