"""The expert of structural covering; needs the extra ``experts``.

python baseline.py instance.json --out solution.txt
"""

import argparse
import json
from pathlib import Path
from typing import Any

from heurigym.experts.mapping.expert import cover


def solve(instance: list[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The solution file of the expert and what is known of it.

    Args:
        instance: the instance file.
        seconds: processor time to spend.
        seed: fixes the search.

    Raises:
        ImportError: a package of the extra is missing.
    """
    content = json.loads(instance[0].read_text(encoding="utf-8"))
    result = cover(
        content["inputs"], content["gates"], content["outputs"], content["k"], content["max_depth"], seconds, seed
    )
    lines = [f"{root} {' '.join(map(str, leaves))}\n" for root, leaves in sorted(result.luts.items())]
    return "".join(lines), {
        "objective": len(result.luts),
        "bound": result.bound,
        "optimal": result.optimal,
        "solver": result.solver,
        "version": result.version,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", type=Path, help="an instance file, not gzipped")
    parser.add_argument("--time", type=float, default=60.0, help="seconds for each instance")
    parser.add_argument("--seed", type=int, default=0, help="random seed")
    parser.add_argument("--out", type=Path, help="file to write the solution to")
    options = parser.parse_args()
    text, info = solve([options.instance], options.time, options.seed)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(json.dumps(info))


if __name__ == "__main__":
    main()
