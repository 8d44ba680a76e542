"""Crashes on purpose: it looks for a field that the input does not have."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    network = json.loads(Path(input_file).read_text())
    bits = network["bits"]
    Path(solution_file).write_text("".join(f"{layer['name']} {bits} {bits}\n" for layer in network["layers"]))
