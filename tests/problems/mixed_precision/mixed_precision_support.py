"""What the tests of mixed precision share: the problem, its modules, instances as files, and a slow checker."""

import json
from typing import Any

from shipped import Shipped

SHIPPED = Shipped("mixed_precision")
PROBLEM, INSTANCES = SHIPPED.problem, SHIPPED.instances
module, verify = SHIPPED.module, SHIPPED.verify
unpacked, stored_solution = SHIPPED.unpacked, SHIPPED.stored_solution


def content(name: str) -> dict[str, Any]:
    """A shipped instance."""
    loaded = json.loads(INSTANCES[name].read()[0])
    assert isinstance(loaded, dict)
    return loaded


def slow_verdict(instance: dict[str, Any], text: str) -> tuple[str, int | None]:
    """Outcome and loss by another way: layer by layer and pair by pair, from the statement alone."""
    lines = [line.split() for line in text.splitlines() if line.split()]
    if any(len(words) != 3 for words in lines) or sorted(words[0] for words in lines) != sorted(
        layer["name"] for layer in instance["layers"]
    ):
        return "malformed", None
    bits = {name: [int(weight), int(activation)] for name, weight, activation in lines}
    if any(pair not in instance["choices"] for pair in bits.values()):
        return "infeasible", None
    place = {name: instance["choices"].index(pair) for name, pair in bits.items()}
    if any(len({place[name] for name in group}) > 1 for group in instance["groups"]):
        return "infeasible", None
    size = operations = latency = total = 0
    for layer in instance["layers"]:
        weight, activation = bits[layer["name"]]
        size += weight * layer["parameters"]
        operations += weight * activation * layer["macs"]
        latency += layer["latency"][place[layer["name"]]]
        total += layer["loss"][place[layer["name"]]]
    for pair in instance["pairs"]:
        one, other = pair["layers"]
        total += pair["loss"][place[one]][place[other]]
    used = {"size": size, "bit_operations": operations, "latency": latency}
    if any(used[name] > budget for name, budget in instance["budgets"].items()):
        return "infeasible", None
    return "feasible", total
