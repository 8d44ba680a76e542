"""Gives every layer the choice of least loss and forgets the budgets."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    network = json.loads(Path(input_file).read_text())
    lines = []
    for layer in network["layers"]:
        weight, activation = network["choices"][layer["loss"].index(min(layer["loss"]))]
        lines.append(f"{layer['name']} {weight} {activation}\n")
    Path(solution_file).write_text("".join(lines))
