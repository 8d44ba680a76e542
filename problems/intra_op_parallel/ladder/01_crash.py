"""Crashes on purpose: it looks for a field that the input does not have."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    problem = json.loads(Path(input_file).read_text())["problem"]
    chosen = [0] * len(problem["strategies"])
    Path(solution_file).write_text(json.dumps(chosen))
