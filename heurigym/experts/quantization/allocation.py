"""Mixed-precision bit allocation as arrays: units that choose bits, what they lose, what they use.

Layers that must agree are one unit, so that any choice for each unit is a well-formed allocation.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

RESOURCES = ("size", "bit_operations", "latency")
"""What budgets may limit: bits of all weights, MACs times both bit widths, nanoseconds."""


@dataclass(frozen=True)
class BitAllocation:
    """An instance: the loss is a sum over units and over pairs of units, and several budgets limit the choices.

    Attributes:
        names: the layers.
        unit_of: the unit of each layer.
        choices: bits of weights and of activations, one row for each of the K choices.
        loss: loss of each unit alone under each choice, shape (units, K).
        use: what each unit uses of each limited resource under each choice, shape (resources, units, K).
        budgets: limit on each of these resources.
        first: one unit of each pair.
        second: the other unit of each pair, always a larger number.
        coupling: loss of each pair, by the choice of the first and of the second, shape (pairs, K, K).
    """

    names: Sequence[str]
    unit_of: Ints
    choices: Ints
    loss: Ints
    use: Ints
    budgets: Ints
    first: Ints
    second: Ints
    coupling: Ints

    @property
    def unit_count(self) -> int:
        """Number of units."""
        return len(self.loss)

    @property
    def choice_count(self) -> int:
        """Number of choices of a unit."""
        return len(self.choices)

    @cached_property
    def neighbours(self) -> tuple[Ints, Ints, Ints]:
        """For each unit the other units of its pairs, as a compressed list.

        Returns:
            Start of each unit's part (with the end of the last), the units, and their couplings turned so that
            the unit's own choice comes first.
        """
        units = np.concatenate([self.first, self.second])
        others = np.concatenate([self.second, self.first])
        tables = np.concatenate([self.coupling, self.coupling.transpose(0, 2, 1)])
        order = np.lexsort((others, units))
        start = np.zeros(self.unit_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(units, minlength=self.unit_count), out=start[1:])
        return start, others[order], np.ascontiguousarray(tables[order])

    def total(self, choice: Ints) -> int:
        """The loss of an allocation that gives each unit the index of its choice."""
        alone = self.loss[np.arange(self.unit_count), choice].sum()
        return int(alone + self.coupling[np.arange(len(self.first)), choice[self.first], choice[self.second]].sum())

    def used(self, choice: Ints) -> Ints:
        """What an allocation uses of each limited resource."""
        return np.asarray(self.use[:, np.arange(self.unit_count), choice].sum(axis=1))

    def is_feasible(self, choice: Ints) -> bool:
        """Whether an allocation is within all budgets."""
        return bool((self.used(choice) <= self.budgets).all())

    def additive(self) -> "BitAllocation":
        """The same without what comes from pairs, as HAWQ and ZeroQ see it."""
        none = np.zeros(0, dtype=np.int64)
        empty = np.zeros((0, self.choice_count, self.choice_count), dtype=np.int64)
        return BitAllocation(
            self.names, self.unit_of, self.choices, self.loss, self.use, self.budgets, none, none, empty
        )

    def solution_text(self, choice: Ints) -> str:
        """An allocation as the text of a solution file."""
        bits = self.choices[choice[self.unit_of]]
        return "".join(
            f"{name} {weight} {activation}\n" for name, (weight, activation) in zip(self.names, bits, strict=True)
        )


def read_allocation(path: Path) -> BitAllocation:
    """The instance in a JSON file of the problem ``mixed_precision``.

    Raises:
        ValueError: the file is corrupt; the message names it.
    """
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: is no instance of mixed_precision: {error!r}") from None


def from_json(content: Mapping[str, Any]) -> BitAllocation:
    """The instance in the content of a JSON file.

    Raises:
        KeyError, TypeError, ValueError: the content is corrupt.
    """
    names = [layer["name"] for layer in content["layers"]]
    index = {name: number for number, name in enumerate(names)}
    choices = np.array(content["choices"], dtype=np.int64).reshape(-1, 2)
    unit_of = _units(len(names), [[index[name] for name in group] for group in content["groups"]])
    count, width = int(unit_of.max()) + 1, len(choices)
    loss = np.zeros((count, width), dtype=np.int64)
    np.add.at(loss, unit_of, np.array([layer["loss"] for layer in content["layers"]], dtype=np.int64))
    limited = [resource for resource in RESOURCES if resource in content["budgets"]]
    use = np.zeros((len(limited), count, width), dtype=np.int64)
    for row, resource in enumerate(limited):
        np.add.at(use[row], unit_of, _uses(resource, content["layers"], choices))
    tables: dict[tuple[int, int], Ints] = {}
    for pair in content["pairs"]:
        table = np.array(pair["loss"], dtype=np.int64).reshape(width, width)
        one, other = (int(unit_of[index[name]]) for name in pair["layers"])
        if one == other:
            loss[one] += table.diagonal()
            continue
        key, turned = ((one, other), table) if one < other else ((other, one), table.T)
        tables[key] = tables.get(key, 0) + turned
    keys = np.array(sorted(tables), dtype=np.int64).reshape(-1, 2)
    coupling = np.array([tables[one, other] for one, other in keys.tolist()], dtype=np.int64)
    budgets = np.array([content["budgets"][resource] for resource in limited], dtype=np.int64)
    return BitAllocation(
        names, unit_of, choices, loss, use, budgets, keys[:, 0], keys[:, 1], coupling.reshape(-1, width, width)
    )


def _uses(resource: str, layers: Sequence[Mapping[str, Any]], choices: Ints) -> Ints:
    if resource == "size":
        return np.outer([layer["parameters"] for layer in layers], choices[:, 0])
    if resource == "bit_operations":
        return np.outer([layer["macs"] for layer in layers], choices.prod(axis=1))
    return np.array([layer["latency"] for layer in layers], dtype=np.int64)


def _units(layers: int, groups: Sequence[Sequence[int]]) -> Ints:
    """The unit of each layer, numbered in the order of their first layers; groups that overlap are one."""
    parent = list(range(layers))

    def root(layer: int) -> int:
        while parent[layer] != layer:
            layer = parent[layer]
        return layer

    for group in groups:
        for layer in group:
            one, other = sorted((root(group[0]), root(layer)))
            parent[other] = one
    roots = [root(layer) for layer in range(layers)]
    number = {layer: unit for unit, layer in enumerate(sorted(set(roots)))}
    return np.array([number[layer] for layer in roots], dtype=np.int64)
