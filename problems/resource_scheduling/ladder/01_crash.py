"""A program that fails: it looks for the units of operator scheduling, which this problem does not give."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    units = dict(graph["resource"])
    Path(solution_file).write_text("".join(f"{node}:0\n" for node, kind in graph["nodes"] if units[kind]))
