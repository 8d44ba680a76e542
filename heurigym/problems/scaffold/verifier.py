"""Verifier: the sum of the chosen weights. TODO Replace by the rules of your problem."""

import json
from collections.abc import Sequence
from pathlib import Path

from heurigym.problems import Exact, Infeasible, Malformed, as_integer, listed, read_solution_text, verifier


@verifier
def verify(instance: Sequence[Path], solution: Path) -> Exact:
    """The sum of the chosen weights; raises Malformed or Infeasible with the reason, and nothing else."""
    data = json.loads(instance[0].read_text(encoding="utf-8"))
    weights = data["weights"]
    chosen = _positions(solution, len(weights))
    total = sum(weights[position] for position in chosen)
    if total > data["capacity"]:
        raise Infeasible(f"capacity: the chosen weights sum to {total}, more than {data['capacity']}")
    return total


def _positions(solution: Path, count: int) -> list[int]:
    lines = [line.strip() for line in read_solution_text(solution).split("\n") if line.strip()]
    positions = [as_integer(line, f"line {number}") for number, line in enumerate(lines, 1)]
    outside = [position for position in positions if not 0 <= position < count]
    if outside:
        raise Malformed(f"positions that do not exist: {listed(outside)}")
    if len(set(positions)) < len(positions):
        raise Malformed("a position is given twice")
    return positions
