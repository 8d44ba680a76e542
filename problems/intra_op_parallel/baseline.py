"""The expert of intra-operator parallelism; needs the extra ``experts``.

python baseline.py instance.json --time 60 --out solution.txt
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def solve(instance: Sequence[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The best choice found in ``seconds`` of processor time, as a solution's text, and what is known of it.

    Returns:
        The text of the solution and a mapping with ``objective``, ``bound``, ``optimal``, ``solver``, ``version``.

    Raises:
        ImportError: a package of the extra is missing; the message says how to get it.
        ValueError: the instance is corrupt or nothing fits.
    """
    try:
        from heurigym.experts.sharding.portfolio import search, version
        from heurigym.experts.sharding.program import Program, text
    except ImportError as error:
        raise ImportError(f"{error}; install the expert with: pip install 'heurigym[experts]'") from None
    found = search(Program.read(instance[0]), seconds, seed)
    return text(found.chosen), {
        "objective": found.cost,
        "bound": found.bound,
        "optimal": found.bound == found.cost,
        "solver": found.method,
        "version": version(),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", type=Path, help="an instance file, not gzipped")
    parser.add_argument("--time", type=float, default=60.0, help="seconds of processor time")
    parser.add_argument("--seed", type=int, default=0, help="random seed")
    parser.add_argument("--out", type=Path, help="file to write the solution to")
    options = parser.parse_args()
    text, info = solve([options.instance], options.time, options.seed)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(json.dumps(info))


if __name__ == "__main__":
    main()
