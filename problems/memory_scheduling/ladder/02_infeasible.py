"""Starts every operation as late as the deadline lets it alone, and forgets that others need its result."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    last = graph["deadline"]
    Path(solution_file).write_text("".join(f"{node}:{last - steps}\n" for node, steps, _ in graph["nodes"]))
