"""Published optima of resource-minimal scheduling at the critical path, found again on the public graphs.

    python benchmarks/scheduling_goldens.py DATA/operator_scheduling --time 8
    python benchmarks/scheduling_goldens.py DATA/operator_scheduling --only hal ewf --time 2

The graphs are those of the public HeuriGym, in the format of the problem operator_scheduling. Multiplications and
divisions are one type with a delay of 2 cycles, everything else is another with 1, units are not pipelined, and the
deadline is the longest path. The published figures minimise the number of all units together. Prints a Markdown
table; exits with 1 if a figure differs.
"""

import argparse
import json
import time
from pathlib import Path

from heurigym.experts.scheduling.resource.express import two_types
from heurigym.experts.scheduling.resource.portfolio import schedule
from heurigym.experts.scheduling.resource.problem import ResourceProblem

PUBLISHED = {
    "arf": (4, 2), "collapse": (8, 8), "cosine1": (8, 7), "cosine2": (7, 9), "ewf": (3, 3), "feedback": (5, 4),
    "fir1": (4, 4), "fir2": (3, 4), "h2v2": (1, 5), "hal": (4, 1), "horner": (2, 2), "idctcol": (5, 6),
    "interpolate": (16, 8), "invert": (24, 22), "jpeg_fdct": (8, 12), "jpeg_idct": (12, 10), "matmul": (12, 9),
    "motion": (7, 4), "smooth": (32, 16), "write": (1, 13),
}  # fmt: skip
"""Multipliers and arithmetic-logic units in the published optimum, found by integer programming (EDS, TC_ILP)."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with the public graphs")
    parser.add_argument("--only", nargs="+", choices=sorted(PUBLISHED), default=list(PUBLISHED), help="names")
    parser.add_argument("--time", type=float, default=8.0, help="seconds of processor time for each")
    options = parser.parse_args()
    print(
        "| graph | nodes | deadline | published MUL, ALU | found MUL, ALU | bound | by | s |\n" + "|---" * 8 + "|"
    )
    wrong = []
    for name in options.only:
        content = json.loads((options.folder / f"{name}.json").read_text(encoding="utf-8"))
        problem = ResourceProblem.from_json(two_types(content))
        began = time.process_time()
        best = schedule(problem, options.time, 0)
        spent = time.process_time() - began
        units = dict(zip(problem.kinds, problem.units(best.starts).tolist(), strict=True))
        found = f"{units.get('mul', 0)}, {units.get('alu', 0)}"
        published = ", ".join(map(str, PUBLISHED[name]))
        row = (name, problem.nodes, problem.deadline, published, found, best.bound, best.solver, f"{spent:.1f}")
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
        if best.value != sum(PUBLISHED[name]):
            wrong.append(name)
    if wrong:
        raise SystemExit(f"not the published number of units: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
