"""The expert of pickups and deliveries within time windows; needs the extra ``experts``.

python baseline.py instance.pdptw --time 60 --out solution.txt
"""

import argparse
import importlib.metadata
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def solve(instance: Sequence[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The best routes found in ``seconds`` of processor time, as a solution's text, and what is known of them.

    Returns:
        The text of the solution and a mapping with ``objective``, ``bound``, ``optimal``, ``solver``, ``version``.
        No bound is proven.

    Raises:
        ImportError: a package of the extra is missing; the message says how to get it.
        ValueError: the instance is corrupt, or no feasible routes were found.
    """
    try:
        from heurigym.experts.quiet_highs import version as highs_version
        from heurigym.experts.routing.network import HUNDREDTHS, PickupDelivery
        from heurigym.experts.routing.search import search
    except ImportError as error:
        raise ImportError(f"{error}; install the expert with: pip install 'heurigym[experts]'") from None
    problem = PickupDelivery.read(instance[0])
    found = search(problem, seconds, seed)
    packages = [f"{name} {importlib.metadata.version(name)}" for name in ("heurigym", "numba")]
    return problem.text(found.routes), {
        "objective": found.cost / HUNDREDTHS,
        "bound": None,
        "optimal": False,
        "solver": found.method,
        "version": ", ".join((*packages, f"HiGHS {highs_version()}")),
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
