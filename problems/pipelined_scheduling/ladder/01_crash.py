"""Crashes on purpose: it looks for a field that the input does not have."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    loop = json.loads(Path(input_file).read_text())
    interval = loop["initiation_interval"]
    lines = [f"{name}:{index * interval}\n" for index, (name, _, _) in enumerate(loop["operations"])]
    Path(solution_file).write_text(f"interval:{interval}\n" + "".join(lines))
