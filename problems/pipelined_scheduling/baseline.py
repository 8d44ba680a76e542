"""The expert of pipelined scheduling; see :mod:`heurigym.experts.scheduling.modulo.portfolio`.

python baseline.py instance.json --time 60 --out solution.txt
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def solve(
    instance: Sequence[Path], seconds: float, seed: int, clock: Callable[[], float] = time.process_time
) -> tuple[str, dict[str, Any]]:
    """The best schedule found in about ``seconds``, as a solution's text, and what is known of it.

    Args:
        instance: the instance file.
        seconds: limit, by ``clock``; compilation not included.
        seed: of the search.
        clock: what tells the time.

    Raises:
        ImportError: the expert's packages are missing; the message says how to get them.
        ValueError: the instance is corrupt, or no schedule was found.
    """
    try:
        from heurigym.experts import timed_cpsat
        from heurigym.experts.scheduling.modulo.loop import read_loop, solution_text
        from heurigym.experts.scheduling.modulo.portfolio import schedule_pipeline
    except ImportError as error:
        raise ImportError(f"{error}; install the expert with: pip install 'heurigym[experts]'") from None
    loop = read_loop(instance[0])
    found = schedule_pipeline(loop, seconds, seed, clock=clock)
    return solution_text(loop, found.schedule), {
        "objective": found.objective,
        "bound": found.bound,
        "optimal": found.optimal,
        "solver": found.method,
        "version": f"OR-Tools {timed_cpsat.version()}" if "CP-SAT" in found.method else "1",
    }


def main() -> None:
    """Command line: solve one instance and print what is known of the solution."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
