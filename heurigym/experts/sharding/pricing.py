"""Lagrangian relaxation of memory: a price for each point, raised where memory is short.

M. Held, P. Wolfe, H. Crowder, Validation of subgradient optimization, 1974. The inner problem is minimised along
trees and so not always exactly; prices and choices are good, but prove nothing.
"""

from collections.abc import Callable

import numpy as np

from heurigym.experts.sharding.workspace import Workspace

_TREES = 4
"""Trees of each step."""
_PATIENCE = 8
"""Steps without a higher value until steps get shorter."""
_SHORTER = 0.7
_ATTEMPTS = 12
"""Increases of prices until a restart is given up."""


def price_memory(space: Workspace, steps: int, more: Callable[[], bool] = lambda: True) -> None:
    """Move the prices of ``space`` for so many steps while ``more`` says so; note every choice that fits."""
    if not len(space.arrays.base):
        space.sweep(4 * _TREES, True)
        space.note()
        return
    limit = float(max(1, space.arrays.limit[0]))
    price = space.price.copy()
    highest, scale, stalled = -np.inf, 1.0, 0
    for step in range(steps):
        if not more():
            break
        space.set_prices(price)
        space.sweep(_TREES if step else 4 * _TREES, False)
        space.note()
        excess = space.excess / limit
        value = space.cost + float(price @ excess) * limit
        if value > highest:
            highest, stalled = value, 0
            space.price = price.copy()
        else:
            stalled += 1
        if stalled > _PATIENCE:
            scale, stalled = scale * _SHORTER, 0
        slope = np.where((price <= 0) & (excess < 0), 0.0, excess)
        norm = float(slope @ slope)
        if norm == 0.0:
            break
        target = min(space.least, 1.5 * abs(highest) + 1.0)
        gap = max(target - value, 0.02 * abs(target))
        price = np.maximum(0.0, price + scale * gap / norm * slope / limit)


def restart(space: Workspace, generator: np.random.Generator, spread: float) -> bool:
    """Go to another choice that fits, made in one pass at disturbed costs and prices; whether one was found.

    Layouts of a whole program change together; single moves do not get there.
    """
    price = space.price * generator.lognormal(0.0, spread, len(space.price))
    noise = generator.lognormal(0.0, spread, len(space.arrays.cost))
    backward = bool(generator.random() < 0.5)
    for _ in range(_ATTEMPTS):
        space.set_prices(price)
        space.disturb(noise)
        space.construct(backward)
        space.sweep(2, False)
        space.set_prices(price)
        space.sweep(2, False)
        excess = space.excess
        if not (excess > 0).any():
            space.note()
            return True
        mean = float(price.mean()) + 1e-9 * max(1.0, space.cost / max(1, space.nodes))
        price = np.where(excess > 0, 2.0 * price + 0.3 * mean, price)
    return False
