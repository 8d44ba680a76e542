"""Memory at whole prices, with the rest solved exactly: proven lower bounds, and choices near the limit."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from heurigym.experts.sharding.arrays import Arrays, Floats, Integers
from heurigym.experts.sharding.elimination import Step, least
from heurigym.experts.sharding.workspace import Workspace

_SHORTER = 0.8
_PATIENCE = 6


class Relaxation:
    """The problem with a price for memory at each point in place of the limit.

    Attributes:
        bound: the best proven lower bound of the cost of all choices that fit and cost at most ``cost``.
        price: the prices that gave it.
    """

    def __init__(self, arrays: Arrays, steps: list[Step], cost: int) -> None:
        self.arrays = arrays
        self.bound = 0
        self.price: Floats = np.zeros(len(arrays.base))
        self._steps = steps
        self._cost = cost
        self._cut = cost + 1
        terms = len(arrays.first) + len(arrays.other)
        # Sums stay below 2^61 whatever is chosen, with as much again for memory.
        self._scale = max(1, min(2**20, 2**60 // (self._cut * terms + 1)))
        self._exact = self._cut * terms < 2**61
        self._unary = self._scaled(arrays.cost)
        self._pair = self._scaled(arrays.pair)
        full = np.zeros(len(arrays.base), dtype=object)
        for node in range(len(arrays.first) - 1):
            count = int(arrays.first[node + 1] - arrays.first[node])
            for item in range(int(arrays.item[node]), int(arrays.item[node + 1])):
                held = int(arrays.held[item])
                full[arrays.begin[item] : arrays.end[item]] += int(arrays.usage[held : held + count].max())
        self._full: list[int] = full.tolist()

    def _scaled(self, values: Floats) -> Integers:
        return np.minimum(values, self._cut).astype(np.int64) * self._scale

    def solve(self, price: Floats) -> tuple[float, Integers] | None:
        """The value of the relaxation and its choice; ``None`` where its numbers grow too large for integers.

        Args:
            price: price of a unit of memory at each point, in units of cost.
        """
        arrays = self.arrays
        whole = [round(value * self._scale) for value in price.tolist()]
        if not self._exact or sum(one * other for one, other in zip(whole, self._full, strict=True)) > 2**61:
            return None
        sums = np.concatenate([[0], np.cumsum(np.array(whole, dtype=np.int64))])
        unary = self._unary.copy()
        for node in range(len(arrays.first) - 1):
            first, last = int(arrays.first[node]), int(arrays.first[node + 1])
            for item in range(int(arrays.item[node]), int(arrays.item[node + 1])):
                rent = sums[arrays.end[item]] - sums[arrays.begin[item]]
                held = int(arrays.held[item])
                unary[first:last] += rent * arrays.usage[held : held + last - first]
        total, chosen = least(arrays, self._steps, unary, self._pair)
        room = (arrays.limit[0] - arrays.base).tolist()
        total -= sum(one * other for one, other in zip(whole, room, strict=True))
        bound = min(self._cost, math.ceil(Fraction(total, self._scale)))
        if bound > self.bound:
            self.bound, self.price = bound, price.copy()
        return total / self._scale, chosen


def climb(relaxation: Relaxation, space: Workspace, steps: int, seed: int, more: Callable[[], bool]) -> None:
    """Raise the bound by subgradient steps and note all choices on the way, the latter also near the best prices.

    M. Held, P. Wolfe, H. Crowder, Validation of subgradient optimization, 1974.
    """
    generator = np.random.default_rng(seed)
    limit = float(max(1, space.arrays.limit[0]))
    price = space.price.copy()
    highest, scale, stalled = -np.inf, 1.0, 0
    for step in range(steps):
        if not more():
            return
        solved = relaxation.solve(price)
        if solved is None:
            price = 0.5 * price
            if not price.any() and step > 60:
                return
            continue
        value, chosen = solved
        space.go_to(chosen)
        space.note()
        excess = space.excess / limit
        if value > highest:
            highest, stalled = value, 0
            space.price = price.copy()
        else:
            stalled += 1
        if stalled > _PATIENCE:
            scale, stalled = scale * _SHORTER, 0
            price = space.price.copy()
            if scale < 1e-3:
                scale = 0.3
                price = price * (1 + 0.3 * generator.standard_normal(len(price))).clip(0)
            continue
        slope = np.where((price <= 0) & (excess < 0), 0.0, excess)
        norm = float(slope @ slope)
        if norm == 0.0:
            return
        gap = max(space.least - value if np.isfinite(space.least) else abs(value), 0.01 * abs(value))
        price = np.maximum(0.0, price + scale * gap / norm * slope / limit)
