"""The expert of memory scheduling; needs the extra ``experts``.

python baseline.py instance.json --time 60 --out solution.txt
"""

import argparse
import importlib.metadata
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from heurigym.experts.scheduling.memory.problem import MemoryProblem
from heurigym.experts.scheduling.memory.search import search


def solve(instance: Sequence[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The best schedule found in ``seconds`` of processor time, as a solution's text, and what is known of it.

    Returns:
        The text of the solution and a mapping with ``objective``, ``bound``, ``optimal``, ``solver``, ``version``.

    Raises:
        ImportError: a package of the extra is missing.
    """
    problem = MemoryProblem.read(instance[0])
    best, bound = search(problem, seconds, seed)
    return problem.text(best.starts), {
        "objective": best.peak,
        "bound": bound,
        "optimal": best.peak == bound,
        "solver": f"{best.method}; best of {', '.join(best.tried)}",
        "version": f"heurigym {importlib.metadata.version('heurigym')}, ortools "
        f"{importlib.metadata.version('ortools')}, jax {importlib.metadata.version('jax')}",
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
