"""Simulated annealing of allocations, compiled: changes of one unit and of two at once, within the budgets."""

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.quantization.allocation import Ints


@compiled
def take(
    field: Ints,
    use: Ints,
    used: Ints,
    start: Ints,
    others: Ints,
    tables: Ints,
    choice: Ints,
    unit: int,
    new: int,
) -> None:
    """Give ``unit`` the choice ``new``, and bring ``field`` and ``used`` up to date."""
    old = choice[unit]
    for resource in range(len(used)):
        used[resource] += use[resource, unit, new] - use[resource, unit, old]
    for entry in range(start[unit], start[unit + 1]):
        other = others[entry]
        for own in range(field.shape[1]):
            field[other, own] += tables[entry, new, own] - tables[entry, old, own]
    choice[unit] = new


@compiled
def anneal(
    loss: Ints,
    use: Ints,
    budgets: Ints,
    start: Ints,
    others: Ints,
    tables: Ints,
    choice: Ints,
    best: Ints,
    hot: float,
    cold: float,
    moves: int,
    seed: int,
) -> int:
    """Anneal ``choice``, which must be feasible, in place, and leave the best allocation in ``best``.

    The temperature falls geometrically from ``hot`` to ``cold``. ``start``, ``others`` and ``tables`` are the
    neighbours of each unit. Half of the moves change one unit; the others change a second one too, often a
    neighbour, so that one can pay with what the other frees.

    Returns:
        The loss of the best allocation, relative to the one at the beginning.
    """
    np.random.seed(seed)
    units, width = loss.shape
    resources = len(budgets)
    field = loss.astype(np.int64).copy()
    used = np.zeros(resources, dtype=np.int64)
    for unit in range(units):
        for resource in range(resources):
            used[resource] += use[resource, unit, choice[unit]]
        for entry in range(start[unit], start[unit + 1]):
            for own in range(width):
                field[unit, own] += tables[entry, own, choice[others[entry]]]
    value, least = 0, 0
    best[:] = choice
    cooling = (cold / hot) ** (1.0 / max(1, moves))
    temperature = hot
    for _ in range(moves):
        temperature *= cooling
        unit = np.random.randint(units)
        new = np.random.randint(width)
        old = choice[unit]
        if new == old:
            continue
        second = -1
        second_new = 0
        change = field[unit, new] - field[unit, old]
        if np.random.random() < 0.5 and units > 1:
            degree = start[unit + 1] - start[unit]
            if degree > 0 and np.random.random() < 0.5:
                entry = start[unit] + np.random.randint(degree)
                second = others[entry]
            else:
                second = np.random.randint(units)
            second_new = np.random.randint(width)
            if second == unit or second_new == choice[second]:
                continue
            change += field[second, second_new] - field[second, choice[second]]
            # Pairs are sorted by the other unit: a binary search finds the two units' common table.
            low, high = start[unit], start[unit + 1]
            while low < high:
                middle = (low + high) // 2
                if others[middle] < second:
                    low = middle + 1
                else:
                    high = middle
            if low < start[unit + 1] and others[low] == second:
                was = choice[second]
                change += (
                    tables[low, new, second_new]
                    - tables[low, new, was]
                    - tables[low, old, second_new]
                    + tables[low, old, was]
                )
        if change > 0 and np.random.random() >= np.exp(-change / temperature):
            continue
        fits = True
        for resource in range(resources):
            after = used[resource] + use[resource, unit, new] - use[resource, unit, old]
            if second >= 0:
                after += use[resource, second, second_new] - use[resource, second, choice[second]]
            if after > budgets[resource]:
                fits = False
                break
        if not fits:
            continue
        take(field, use, used, start, others, tables, choice, unit, new)
        if second >= 0:
            take(field, use, used, start, others, tables, choice, second, second_new)
        value += change
        if value < least:
            least = value
            best[:] = choice
    return least


def typical_step(steps: Ints) -> float:
    """The median of what single changes cost, a scale for temperatures."""
    paid = np.abs(steps[steps != 0]).astype(np.float64)
    return float(np.median(paid)) if len(paid) else 1.0
