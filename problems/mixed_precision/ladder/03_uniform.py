"""Uniform bits: the same choice for all layers, the best one that keeps the budgets."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    network = json.loads(Path(input_file).read_text())
    layers, choices = network["layers"], network["choices"]
    best = None
    for index, (weight, activation) in enumerate(choices):
        used = {
            "size": sum(layer["parameters"] * weight for layer in layers),
            "bit_operations": sum(layer["macs"] * weight * activation for layer in layers),
            "latency": sum(layer["latency"][index] for layer in layers),
        }
        if any(used[key] > budget for key, budget in network["budgets"].items()):
            continue
        loss = sum(layer["loss"][index] for layer in layers)
        loss += sum(pair["loss"][index][index] for pair in network["pairs"])
        if best is None or loss < best[0]:
            best = loss, weight, activation
    _, weight, activation = best
    Path(solution_file).write_text("".join(f"{layer['name']} {weight} {activation}\n" for layer in layers))
