"""The expert: list and force-directed scheduling, local search, GauS and CP-SAT; needs the extra ``experts``."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from heurigym.experts.scheduling.resource.portfolio import schedule, versions
from heurigym.experts.scheduling.resource.problem import read_problem


def solve(instance: Sequence[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The best schedule found in about ``seconds`` of processor time, as a solution file, and what is known of it.

    Returns:
        The text of the solution and a mapping with ``objective``, ``bound``, ``optimal``, ``solver``, ``version``.

    Raises:
        ImportError: a package of the extra is missing.
        ValueError: the file is no instance.
    """
    problem = read_problem(instance[0])
    best = schedule(problem, seconds, seed)
    return problem.solution_text(best.starts), {
        "objective": best.value,
        "bound": best.bound,
        "optimal": best.is_optimal,
        "solver": best.solver,
        "version": versions(),
    }


def main() -> None:
    """Command line: solve one instance and print what is known of the solution."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance", type=Path, help="an instance file, not gzipped")
    parser.add_argument("--time", type=float, default=60.0, help="seconds of processor time")
    parser.add_argument("--seed", type=int, default=0, help="random seed")
    parser.add_argument("--out", type=Path, help="file to write the solution to")
    arguments = parser.parse_args()
    text, info = solve([arguments.instance], arguments.time, arguments.seed)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    print(json.dumps(info))


if __name__ == "__main__":
    main()
