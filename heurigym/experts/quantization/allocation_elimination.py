"""Exact minimisation without budgets by variable elimination, where the graph of couplings is narrow enough.

Units are eliminated one by one; each leaves a table over the units that it is coupled with (Bertele and Brioschi
1972). Bands and residual connections of neural networks make tables of a few units.
"""

from collections.abc import Mapping

import numpy as np

from heurigym.experts.quantization.allocation import BitAllocation, Floats, Ints

MOST_ENTRIES = 6_000_000
"""Limit on the entries of all tables together."""


class TooWide(Exception):
    """The tables would have too many entries."""


class Elimination:
    """Minimises loss plus any additive terms over all allocations, budgets or not.

    Raises:
        TooWide: the couplings make tables of more than ``MOST_ENTRIES`` entries.
    """

    def __init__(self, problem: BitAllocation) -> None:
        self._width = problem.choice_count
        self._order, self._scopes = _elimination_order(problem, MOST_ENTRIES)
        place = {unit: position for position, unit in enumerate(self._order)}
        self._bases = [np.zeros((self._width,) * (len(scope) + 1)) for scope in self._scopes]
        for one, other, table in zip(
            problem.first.tolist(), problem.second.tolist(), problem.coupling, strict=True
        ):
            unit, later = (one, other) if place[one] < place[other] else (other, one)
            turned = table.T if unit == one else table
            step = place[unit]
            self._bases[step] += self._spread((later, unit), turned, self._axes(step))
        self._receiver = [min((place[unit] for unit in scope), default=-1) for scope in self._scopes]

    def minimum(self, alone: Floats | Ints) -> tuple[float, Ints]:
        """The least value, and an allocation that has it, when units alone lose ``alone``, shape (units, K)."""
        waiting: list[list[tuple[tuple[int, ...], Floats]]] = [[] for _ in self._order]
        decisions: list[Ints] = []
        value = 0.0
        for step, unit in enumerate(self._order):
            axes = self._axes(step)
            table = self._bases[step] + alone[unit]
            for scope, message in waiting[step]:
                table += self._spread(scope, message, axes)
            waiting[step] = []
            decisions.append(table.argmin(axis=-1))
            message = table.min(axis=-1)
            if self._scopes[step]:
                waiting[self._receiver[step]].append((self._scopes[step], message))
            else:
                value += float(message)
        choice = np.zeros(len(self._order), dtype=np.int64)
        for unit, scope, decision in reversed(list(zip(self._order, self._scopes, decisions, strict=True))):
            choice[unit] = decision[tuple(choice[list(scope)])] if scope else decision
        return value, choice

    def _axes(self, step: int) -> Mapping[int, int]:
        return {unit: axis for axis, unit in enumerate((*self._scopes[step], self._order[step]))}

    def _spread(self, scope: tuple[int, ...], table: Floats | Ints, axes: Mapping[int, int]) -> Floats:
        """``table`` with its axes where ``axes`` puts its units, and length 1 elsewhere."""
        by_axis = sorted(range(len(scope)), key=lambda position: axes[scope[position]])
        shape = [1] * len(axes)
        for position in by_axis:
            shape[axes[scope[position]]] = self._width
        return np.asarray(table.transpose(by_axis).reshape(shape), dtype=np.float64)


def _elimination_order(problem: BitAllocation, most: int) -> tuple[list[int], list[tuple[int, ...]]]:
    """Units by least fill-in, and the units that are left of each one's neighbours when it goes."""
    near: list[set[int]] = [set() for _ in range(problem.unit_count)]
    for one, other in zip(problem.first.tolist(), problem.second.tolist(), strict=True):
        near[one].add(other)
        near[other].add(one)
    left = set(range(problem.unit_count))
    order: list[int] = []
    scopes: list[tuple[int, ...]] = []
    entries = 0
    fill = {unit: _fill(near, unit) for unit in left}
    while left:
        unit = min(left, key=lambda candidate: (fill[candidate], len(near[candidate]), candidate))
        scope = near[unit]
        entries += problem.choice_count ** (len(scope) + 1)
        if entries > most:
            raise TooWide(f"the tables of {len(order)} units have more than {most} entries")
        order.append(unit)
        scopes.append(tuple(sorted(scope)))
        left.remove(unit)
        for other in scope:
            near[other] |= scope
            near[other] -= {other, unit}
        for changed in scope.union(*(near[other] for other in scope)):
            fill[changed] = _fill(near, changed)
    return order, scopes


def _fill(near: list[set[int]], unit: int) -> int:
    around = near[unit]
    return sum(len(around - near[other]) - 1 for other in around)
