"""Simulated annealing on the whole loss, pairs included: one layer changes, or two at once, within the budgets."""

import json
import math
import random
import time
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


def leanest(network):
    return [
        min(range(len(use)), key=lambda k: sum(a / max(1, b) for a, b in zip(use[k], network.budgets, strict=True)))
        for use in network.use
    ]


def couplings(network, content):
    index = {name: place for place, name in enumerate(network.names)}
    near = [{} for _ in network.loss]
    for pair in content["pairs"]:
        one, other = (network.unit[index[name]] for name in pair["layers"])
        if one == other:
            for k, row in enumerate(pair["loss"]):
                network.loss[one][k] += row[k]
            continue
        for own, with_unit, table in (
            (one, other, pair["loss"]),
            (other, one, list(zip(*pair["loss"], strict=True))),
        ):
            known = near[own].get(with_unit)
            if known:
                table = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(known, table, strict=True)]
            near[own][with_unit] = table
    return near


class State:
    def __init__(self, network, near, chosen):
        self.network, self.near, self.chosen = network, near, chosen
        self.used = network.used(chosen)
        self.field = [list(loss) for loss in network.loss]
        for own, others in enumerate(near):
            for other, table in others.items():
                for k, row in enumerate(table):
                    self.field[own][k] += row[chosen[other]]

    def step(self, own, k):
        return self.field[own][k] - self.field[own][self.chosen[own]]

    def move(self, own, k):
        old = self.chosen[own]
        use = self.network.use[own]
        self.used = [amount + new - was for amount, new, was in zip(self.used, use[k], use[old], strict=True)]
        for other, table in self.near[own].items():
            field = self.field[other]
            for place, (new, was) in enumerate(zip(table[k], table[old], strict=True)):
                field[place] += new - was
        self.chosen[own] = k


def anneal(state, seconds, source):
    network = state.network
    units, width = len(network.loss), len(network.choices)
    steps = sorted(abs(state.step(own, k)) for own in range(units) for k in range(width) if k != state.chosen[own])
    hottest = max(1, steps[len(steps) // 2])
    begin = time.perf_counter()
    value, least, best = 0, 0, list(state.chosen)
    temperature, count = hottest, 0
    while True:
        if count % 200 == 0:
            share = (time.perf_counter() - begin) / seconds
            if share >= 1:
                return best
            temperature = hottest * 0.002**share
        count += 1
        moves = []
        change = 0
        for _ in range(source.choice((1, 2))):
            own, k = source.randrange(units), source.randrange(width)
            moves.append((own, state.chosen[own]))
            change += state.step(own, k)
            state.move(own, k)
        fits = network.fits(state.used)
        if fits and (change <= 0 or source.random() < math.exp(-change / temperature)):
            value += change
            if value < least:
                least, best = value, list(state.chosen)
        else:
            for own, old in reversed(moves):
                state.move(own, old)


def solve(input_file, solution_file):
    content = json.loads(Path(input_file).read_text())
    network = Network(content)
    near = couplings(network, content)
    state = State(network, near, leanest(network))
    network.write(anneal(state, 5.0, random.Random(0)), solution_file)
