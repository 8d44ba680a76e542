"""HAWQ-like: layers in the order of their sensitivity, the more sensitive ones with no fewer bits."""

import json
from pathlib import Path


class Network:
    def __init__(self, content):
        self.names = [layer["name"] for layer in content["layers"]]
        self.choices = content["choices"]
        index = {name: place for place, name in enumerate(self.names)}
        unit = list(range(len(self.names)))
        for group in content["groups"]:
            for name in group:
                unit[index[name]] = index[group[0]]
        numbers = {first: number for number, first in enumerate(dict.fromkeys(unit))}
        self.unit = [numbers[first] for first in unit]
        width = len(self.choices)
        self.loss = [[0] * width for _ in numbers]
        self.budgets = list(content["budgets"].values())
        self.use = [[[0] * len(self.budgets) for _ in range(width)] for _ in numbers]
        for layer, own in zip(content["layers"], self.unit, strict=True):
            for k, (weight, activation) in enumerate(self.choices):
                self.loss[own][k] += layer["loss"][k]
                amounts = {
                    "size": layer["parameters"] * weight,
                    "bit_operations": layer["macs"] * weight * activation,
                    "latency": layer["latency"][k],
                }
                for row, key in enumerate(content["budgets"]):
                    self.use[own][k][row] += amounts[key]

    def used(self, chosen):
        return [sum(self.use[own][k][row] for own, k in enumerate(chosen)) for row in range(len(self.budgets))]

    def fits(self, used):
        return all(amount <= budget for amount, budget in zip(used, self.budgets, strict=True))

    def write(self, chosen, path):
        lines = []
        for name, own in zip(self.names, self.unit, strict=True):
            weight, activation = self.choices[chosen[own]]
            lines.append(f"{name} {weight} {activation}\n")
        Path(path).write_text("".join(lines))


def solve(input_file, solution_file):
    network = Network(json.loads(Path(input_file).read_text()))
    width = len(network.choices)
    demand = [
        sum(use[k][row] / max(1, budget) for use in network.use for row, budget in enumerate(network.budgets))
        for k in range(width)
    ]
    rungs = sorted(range(width), key=demand.__getitem__)
    order = sorted(range(len(network.loss)), key=lambda own: max(network.loss[own]), reverse=True)
    chosen = [rungs[0]] * len(network.loss)
    used = network.used(chosen)
    for rung in rungs[1:]:
        for own in order:
            new, old = network.use[own][rung], network.use[own][chosen[own]]
            after = [amount + more - less for amount, more, less in zip(used, new, old, strict=True)]
            if not network.fits(after):
                break
            chosen[own], used = rung, after
    network.write(chosen, solution_file)
