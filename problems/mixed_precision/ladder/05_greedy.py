"""Greedy descent from the richest choices by sensitivity per saved excess; what comes from pairs does not count."""

import json
from pathlib import Path

import numpy as np


def solve(input_file, solution_file):
    network = json.loads(Path(input_file).read_text())
    unit = units(network)
    choices = np.array(network["choices"])
    loss, use = tables(network, choices, unit)
    budgets = np.array(list(network["budgets"].values()))
    chosen = fill(loss, use, budgets, descend(loss, use, budgets))
    lines = []
    for layer, own in zip(network["layers"], unit, strict=True):
        weight, activation = choices[chosen[own]]
        lines.append(f"{layer['name']} {weight} {activation}\n")
    Path(solution_file).write_text("".join(lines))


def units(network):
    """The unit of each layer: layers that must agree are one."""
    names = [layer["name"] for layer in network["layers"]]
    first = {name: name for name in names}
    for group in network["groups"]:
        for name in group:
            first[name] = group[0]
    number = {name: place for place, name in enumerate(dict.fromkeys(first.values()))}
    return np.array([number[first[name]] for name in names])


def tables(network, choices, unit):
    """Loss of each unit and choice, and its use of each limited resource."""
    loss = np.zeros((unit.max() + 1, len(choices)), dtype=np.int64)
    use = np.zeros((len(network["budgets"]), *loss.shape), dtype=np.int64)
    for layer, own in zip(network["layers"], unit, strict=True):
        loss[own] += layer["loss"]
        amounts = {
            "size": layer["parameters"] * choices[:, 0],
            "bit_operations": layer["macs"] * choices.prod(axis=1),
            "latency": np.array(layer["latency"]),
        }
        for row, key in enumerate(network["budgets"]):
            use[row, own] += amounts[key]
    return loss, use


def descend(loss, use, budgets):
    places = np.arange(len(loss))
    chosen = loss.argmin(axis=1)
    while True:
        over = use[:, places, chosen].sum(axis=1) - budgets
        if (over <= 0).all():
            return chosen
        after = over[:, None, None] + use - use[:, places, chosen][:, :, None]
        excess = np.maximum(0, over)[:, None, None] - np.maximum(0, after)
        saved = (excess / np.maximum(1, budgets)[:, None, None]).sum(axis=0)
        step = loss - loss[places, chosen][:, None]
        price = np.where(saved > 0, step / np.where(saved > 0, saved, 1), np.inf)
        own, new = np.unravel_index(price.argmin(), price.shape)
        chosen[own] = new


def fill(loss, use, budgets, chosen):
    places = np.arange(len(loss))
    while True:
        used = use[:, places, chosen].sum(axis=1)
        after = used[:, None, None] + use - use[:, places, chosen][:, :, None]
        fits = (after <= budgets[:, None, None]).all(axis=0)
        step = np.where(fits, loss - loss[places, chosen][:, None], 0)
        own, new = np.unravel_index(step.argmin(), step.shape)
        if step[own, new] >= 0:
            return chosen
        chosen[own] = new
