"""Exact dynamic programming over choices and budgets, where couplings reach only a few units back.

A state is the choices of the last ``band`` units. A label is a partial allocation with its state, its loss, and
what it has used of each budget, all in integers. Labels are dropped that another label of the same state
dominates, and those that cannot become better than a known allocation, because the rest costs at least what it
costs with priced budgets.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.quantization.allocation import BitAllocation, Floats, Ints

MOST_ENTRIES = 4_000_000
"""Limit on the entries of what units add to the loss, over all states, choices and units."""
MOST_LABELS = 400_000
_SLACK = 0.01
"""Losses are integers: a bound this little above the next better one counts for rounding and drops nothing."""


@dataclass(frozen=True)
class Exact:
    """What the dynamic program says.

    Attributes:
        choice: an allocation that is better than the known one, and then optimal; ``None`` if there is none.
        complete: whether it came to its end; if not, nothing is proven.
        labels: the most labels of one step.
    """

    choice: Ints | None
    complete: bool
    labels: int


def band_width(problem: BitAllocation) -> int:
    """How far apart the units of a pair are at most, in the order in which they are numbered."""
    return int((problem.second - problem.first).max(initial=0))


def is_narrow(problem: BitAllocation) -> bool:
    """Whether couplings reach so few units back that :func:`solve` takes the instance."""
    return bool(problem.choice_count ** (band_width(problem) + 1) * problem.unit_count <= MOST_ENTRIES)


def solve(problem: BitAllocation, value: int, prices: Floats, is_over: Callable[[], bool] = lambda: False) -> Exact:
    """The optimum, if it is less than ``value``, by labels.

    Args:
        problem: the instance; it must be narrow.
        value: the loss of a known allocation.
        prices: multiplier of each budget; any are correct, good ones drop more labels.
        is_over: whether to give up now.

    Raises:
        ValueError: the band is too wide.
    """
    width, band = problem.choice_count, band_width(problem)
    if not is_narrow(problem):
        raise ValueError(f"a band of {band} units with {width} choices has too many states")
    steps = _steps(problem, band)
    rest = _rest(problem, steps, prices)
    reserve = np.zeros((problem.unit_count + 1, len(problem.budgets)), dtype=np.int64)
    reserve[:-1] = np.cumsum(problem.use.min(axis=2)[:, ::-1], axis=1)[:, ::-1].T
    states, losses = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    used = np.zeros((1, len(problem.budgets)), dtype=np.int64)
    history: list[tuple[Ints, Ints]] = []
    most = 1
    for unit in range(problem.unit_count):
        parent = np.repeat(np.arange(len(states)), width)
        chosen = np.tile(np.arange(width), len(states))
        new_losses = losses[parent] + steps[unit][states[parent], chosen]
        new_used = used[parent] + problem.use[:, unit, chosen].T
        new_states = (states[parent] * width + chosen) % width**band
        bound = new_losses + (new_used - problem.budgets) @ prices + rest[unit + 1][new_states]
        fits = (new_used + reserve[unit + 1] <= problem.budgets).all(axis=1) & (bound <= value - 1 + _SLACK)
        kept = np.flatnonzero(fits)
        if len(kept) > MOST_LABELS or is_over():
            return Exact(None, False, max(most, len(kept)))
        order = kept[np.lexsort((new_losses[kept], new_states[kept]))]
        order = order[undominated(new_states[order], new_used[order])]
        history.append((parent[order], chosen[order]))
        states, losses, used = new_states[order], new_losses[order], new_used[order]
        most = max(most, len(order))
    # With priced budgets an allocation that leaves room is bounded by less than its loss.
    if losses.min(initial=value) >= value:
        return Exact(None, True, most)
    choice = np.zeros(problem.unit_count, dtype=np.int64)
    place = int(losses.argmin())
    for unit in range(problem.unit_count - 1, -1, -1):
        parents, chosen = history[unit]
        choice[unit], place = chosen[place], parents[place]
    return Exact(choice, True, most)


def _steps(problem: BitAllocation, band: int) -> list[Ints]:
    """For each unit what it adds to the loss, by state before it and by its choice."""
    width = problem.choice_count
    states = np.arange(width**band)
    steps = [np.tile(own, (len(states), 1)) for own in problem.loss]
    for one, other, table in zip(problem.first.tolist(), problem.second.tolist(), problem.coupling, strict=True):
        earlier = states // width ** (other - one - 1) % width
        steps[other] += table[earlier]
    return steps


def _rest(problem: BitAllocation, steps: list[Ints], prices: Floats) -> list[Floats]:
    """For each unit and state before it, the least of loss plus priced use of it and all after it."""
    states, width = steps[0].shape
    following = (np.arange(states)[:, None] * width + np.arange(width)) % states
    rest = [np.zeros(states)]
    for unit in range(problem.unit_count - 1, -1, -1):
        price = np.tensordot(prices, problem.use[:, unit], 1)
        rest.append((steps[unit] + price + rest[-1][following]).min(axis=1))
    return rest[::-1]


@compiled
def undominated(states: Ints, used: Ints) -> Ints:
    """Positions of the labels that no earlier label of the same state uses at most as much as, of every budget.

    Labels come sorted by state and then by loss.
    """
    kept = np.empty(len(states), dtype=np.int64)
    count, begin = 0, 0
    for label in range(len(states)):
        if label == 0 or states[label] != states[label - 1]:
            begin = count
        dominated = False
        for position in range(begin, count):
            other = kept[position]
            dominated = True
            for resource in range(used.shape[1]):
                if used[other, resource] > used[label, resource]:
                    dominated = False
                    break
            if dominated:
                break
        if not dominated:
            kept[count] = label
            count += 1
    return kept[:count].copy()
