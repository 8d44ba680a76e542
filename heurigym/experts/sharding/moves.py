"""Search by moves along trees, within the memory limit or with memory at a price."""

from typing import NamedTuple

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.sharding.arrays import Arrays, Floats, Integers
from heurigym.experts.sharding.profile import BLOCK, add, empty_profile, most
from heurigym.experts.sharding.trees import Forest, change_of_cost, components, grow, minimise


class State(NamedTuple):
    """A choice of strategies and the memory that it needs.

    Attributes:
        chosen: the strategy of each node.
        load: see :mod:`heurigym.experts.sharding.profile`.
        top: see there.
        lift: see there.
        priced: cost of each strategy with the price of its memory.
        total: one number, the cost.
    """

    chosen: Integers
    load: Integers
    top: Integers
    lift: Integers
    priced: Floats
    total: Floats


def new_state(arrays: Arrays, chosen: Integers) -> State:
    """The state of a choice, with memory for nothing."""
    load, top, lift = empty_profile(len(arrays.base))
    state = State(chosen.copy(), load, top, lift, arrays.cost.copy(), np.zeros(1))
    refill(arrays, state)
    return state


@compiled
def refill(arrays: Arrays, state: State) -> None:
    """Compute the memory and the cost of the choice anew."""
    state.load[:] = arrays.base
    state.top[:] = 0
    state.lift[:] = 0
    for block in range(len(state.top)):
        # Adding nothing to one point of a block computes its maximum.
        if block * BLOCK < len(state.load):
            add(state.load, state.top, state.lift, block * BLOCK, block * BLOCK + 1, 0)
    total = 0.0
    for node in range(len(state.chosen)):
        total += arrays.cost[arrays.first[node] + state.chosen[node]]
        for item in range(arrays.item[node], arrays.item[node + 1]):
            more = arrays.usage[arrays.held[item] + state.chosen[node]]
            add(state.load, state.top, state.lift, arrays.begin[item], arrays.end[item], more)
        for edge in range(arrays.adjacent[node], arrays.adjacent[node + 1]):
            other = arrays.other[edge]
            if other > node:
                at = arrays.table[edge] + state.chosen[node] * arrays.mine[edge]
                total += arrays.pair[at + state.chosen[other] * arrays.theirs[edge]]
    state.total[0] = total


@compiled
def set_prices(arrays: Arrays, state: State, price: Floats) -> None:
    """Put the price of memory at each point into the costs of the strategies."""
    sums = np.zeros(len(price) + 1)
    for point in range(len(price)):
        sums[point + 1] = sums[point] + price[point]
    for node in range(len(state.chosen)):
        first, count = arrays.first[node], arrays.first[node + 1] - arrays.first[node]
        for index in range(count):
            state.priced[first + index] = arrays.cost[first + index]
        for item in range(arrays.item[node], arrays.item[node + 1]):
            rent = sums[arrays.end[item]] - sums[arrays.begin[item]]
            for index in range(count):
                state.priced[first + index] += rent * arrays.usage[arrays.held[item] + index]


@compiled
def _add_changes(
    arrays: Arrays, forest: Forest, state: State, places: Integers, begin: int, end: int, sign: int
) -> bool:
    """Add the memory of the changes, or take it off for ``sign`` -1; whether any of them needs more than before."""
    grows = False
    for index in range(begin, end):
        place = places[index]
        here = forest.node[place]
        new, old = state.chosen[here], forest.fresh[place]
        for item in range(arrays.item[here], arrays.item[here + 1]):
            held = arrays.held[item]
            more = arrays.usage[held + new] - arrays.usage[held + old]
            if more != 0:
                grows = grows or more > 0
                add(state.load, state.top, state.lift, arrays.begin[item], arrays.end[item], sign * more)
    return grows


@compiled
def _within(arrays: Arrays, forest: Forest, state: State, places: Integers, begin: int, end: int) -> bool:
    """Whether memory is within the limit wherever the changes added some."""
    for index in range(begin, end):
        place = places[index]
        here = forest.node[place]
        new, old = state.chosen[here], forest.fresh[place]
        for item in range(arrays.item[here], arrays.item[here + 1]):
            held = arrays.held[item]
            if arrays.usage[held + new] > arrays.usage[held + old]:
                used = most(state.load, state.top, state.lift, arrays.begin[item], arrays.end[item])
                if used > arrays.limit[0]:
                    return False
    return True


@compiled
def take(
    arrays: Arrays,
    forest: Forest,
    state: State,
    number: int,
    places: Integers,
    begin: int,
    end: int,
    bound: float,
    bounded: bool,
) -> bool:
    """Change the places of one component of a tree, unless that costs more than ``bound`` or does not fit.

    Returns:
        Whether the change was made.
    """
    chosen = state.chosen
    cost = 0.0
    for index in range(begin, end):
        place = places[index]
        here = forest.node[place]
        cost += change_of_cost(arrays, forest, chosen, number, place)
        old = chosen[here]
        chosen[here] = forest.fresh[place]
        forest.fresh[place] = old
    fits = cost <= bound
    if fits:
        grows = _add_changes(arrays, forest, state, places, begin, end, 1)
        if bounded and grows and not _within(arrays, forest, state, places, begin, end):
            fits = False
            _add_changes(arrays, forest, state, places, begin, end, -1)
    if not fits:
        for index in range(begin, end):
            place = places[index]
            here = forest.node[place]
            old = chosen[here]
            chosen[here] = forest.fresh[place]
            forest.fresh[place] = old
        return False
    state.total[0] += cost
    return True


@compiled
def move(
    arrays: Arrays,
    forest: Forest,
    state: State,
    number: int,
    root: int,
    size: int,
    breadth: float,
    forced: int,
    bound: float,
    bounded: bool,
    places: Integers,
    starts: Integers,
) -> int:
    """Minimise along one tree and make each component of the change that may be made; how many were made."""
    count = grow(arrays, forest, root, number, size, breadth)
    minimise(arrays, forest, state.chosen, state.priced, number, count, forced)
    groups = components(forest, state.chosen, count)
    if groups == 0:
        return 0
    # Sorted by component, parents first in each.
    for group in range(groups + 1):
        starts[group] = 0
    for place in range(count):
        if forest.group[place] >= 0:
            starts[forest.group[place] + 1] += 1
    for group in range(groups):
        starts[group + 1] += starts[group]
    for place in range(count):
        group = forest.group[place]
        if group >= 0:
            places[starts[group]] = place
            starts[group] += 1
    for group in range(groups, 0, -1):
        starts[group] = starts[group - 1]
    starts[0] = 0
    made = 0
    for group in range(groups):
        forces = forced >= 0 and group == 0
        made += take(
            arrays,
            forest,
            state,
            number,
            places,
            starts[group],
            starts[group + 1],
            bound if forces or bounded else np.inf,
            bounded,
        )
    return made
