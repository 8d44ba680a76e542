"""Crashes on purpose: it looks for a field that the input does not have."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    last = graph["horizon"]
    Path(solution_file).write_text("".join(f"{node}:{last - steps}\n" for node, steps, _ in graph["nodes"]))
