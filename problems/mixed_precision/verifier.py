"""Verifier of mixed-precision bit allocation: exact integers, in time linear in the instance and the solution."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heurigym.problems import Infeasible, Malformed, as_integer, listed, read_solution_text, shorten, verifier

Choice = tuple[int, int]
"""Bits of a layer's weights and of its activations."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer costs.

    Attributes:
        parameters: number of weights.
        macs: multiply-accumulate operations of one inference.
        latency: nanoseconds, for each choice.
        loss: expected loss increase by this layer alone, for each choice.
    """

    parameters: int
    macs: int
    latency: Sequence[int]
    loss: Sequence[int]


@dataclass(frozen=True, slots=True)
class Network:
    """An instance.

    Attributes:
        choices: index of each pair of bit widths.
        layers: the layers by name.
        groups: names of the layers that must agree.
        pairs: two names, and the loss that comes from both, for each choice of the first and of the second.
        budgets: what ``size``, ``bit_operations`` and ``latency`` may be at most; not all need be there.
    """

    choices: Mapping[Choice, int]
    layers: Mapping[str, Layer]
    groups: Sequence[Sequence[str]]
    pairs: Sequence[tuple[str, str, Sequence[Sequence[int]]]]
    budgets: Mapping[str, int]


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The loss increase of a feasible allocation.

    Raises:
        ValueError, KeyError: the instance is corrupt.
    """
    network = read_network(instance[0])
    bits = read_bits(solution, network.layers)
    check_choices(network, bits)
    check_groups(network, bits)
    check_budgets(network, bits)
    chosen = {name: network.choices[pair] for name, pair in bits.items()}
    alone = sum(layer.loss[chosen[name]] for name, layer in network.layers.items())
    return alone + sum(loss[chosen[first]][chosen[second]] for first, second, loss in network.pairs)


def read_network(path: Path) -> Network:
    """The network in an instance file.

    Raises:
        ValueError, KeyError: the file is corrupt.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    choices = {(_whole(weight), _whole(activation)): k for k, (weight, activation) in enumerate(content["choices"])}
    count = len(content["choices"])
    layers = {}
    for entry in content["layers"]:
        latency, loss = ([_whole(value) for value in entry[field]] for field in ("latency", "loss"))
        if len(latency) != count or len(loss) != count:
            raise ValueError(f"{path}: layers: {entry['name']} has not one latency and loss for each choice")
        layers[str(entry["name"])] = Layer(_whole(entry["parameters"]), _whole(entry["macs"]), latency, loss)
    if len(layers) != len(content["layers"]) or len(choices) != count:
        raise ValueError(f"{path}: a layer or a choice is there twice")
    pairs = []
    for entry in content["pairs"]:
        first, second = entry["layers"]
        loss = [[_whole(value) for value in row] for row in entry["loss"]]
        if [len(row) for row in loss] != [count] * count or {first, second} - set(layers):
            raise ValueError(f"{path}: pairs: {first} and {second} are unknown or have no square table")
        pairs.append((first, second, loss))
    if {name for group in content["groups"] for name in group} - set(layers):
        raise ValueError(f"{path}: groups: name a layer that there is not")
    budgets = {key: _whole(value) for key, value in content["budgets"].items()}
    return Network(choices, layers, content["groups"], pairs, budgets)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is not a whole number")
    return value


def read_bits(solution: Path, layers: Mapping[str, object]) -> dict[str, Choice]:
    """The bits of every layer, each layer exactly once.

    Raises:
        Malformed: the solution does not give exactly that.
    """
    bits: dict[str, Choice] = {}
    for number, line in enumerate(read_solution_text(solution).split("\n"), start=1):
        words = line.replace("\t", " ").replace("\r", " ").split(" ")
        words = [word for word in words if word]
        if not words:
            continue
        if len(words) != 3:
            raise Malformed(f"line {number} is not 'layer weight-bits activation-bits': {shorten(repr(line), 80)}")
        name, weight, activation = words
        if name not in layers:
            raise Malformed(f"line {number} names no layer of the network: {shorten(repr(name), 80)}")
        if name in bits:
            raise Malformed(f"line {number} gives bits to layer {name} for the second time")
        where = f"bits in line {number}"
        bits[name] = as_integer(weight, f"the weight {where}"), as_integer(activation, f"the activation {where}")
    if len(bits) != len(layers):
        missing = [name for name in layers if name not in bits]
        raise Malformed(f"{len(missing)} of {len(layers)} layers have no bits: {listed(missing)}")
    return bits


def check_choices(network: Network, bits: Mapping[str, Choice]) -> None:
    """Raise :class:`Infeasible` if a layer has bits that are not among the choices."""
    offenders = [f"{name} {pair[0]} {pair[1]}" for name, pair in bits.items() if pair not in network.choices]
    if offenders:
        allowed = listed([f"{weight} {activation}" for weight, activation in network.choices], shown=40)
        raise Infeasible(
            f"{len(offenders)} layers have bits that are not among the choices: {listed(offenders)}; "
            f"the choices are {allowed}"
        )


def check_groups(network: Network, bits: Mapping[str, Choice]) -> None:
    """Raise :class:`Infeasible` if layers that must agree have different bits."""
    offenders = [
        " but ".join(f"{name} has {bits[name][0]} {bits[name][1]}" for name in (group[0], other))
        for group in network.groups
        for other in [next((name for name in group if bits[name] != bits[group[0]]), None)]
        if other is not None
    ]
    if offenders:
        raise Infeasible(
            f"layers that must have the same bits differ in {len(offenders)} of {len(network.groups)} groups: "
            f"{listed(offenders)}"
        )


def check_budgets(network: Network, bits: Mapping[str, Choice]) -> None:
    """Raise :class:`Infeasible` if the size, the bit operations or the latency is more than its budget."""
    used = {"size": 0, "bit_operations": 0, "latency": 0}
    for name, layer in network.layers.items():
        weight, activation = bits[name]
        used["size"] += layer.parameters * weight
        used["bit_operations"] += layer.macs * weight * activation
        used["latency"] += layer.latency[network.choices[weight, activation]]
    offenders = [
        f"{key} is {used[key]} and may be at most {budget}"
        for key, budget in network.budgets.items()
        if used[key] > budget
    ]
    if offenders:
        raise Infeasible(f"{len(offenders)} of {len(network.budgets)} budgets are exceeded: {'; '.join(offenders)}")
