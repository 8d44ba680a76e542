"""Annealing whose moves are whole trees: a node is made to change, and a tree around it is minimised for that."""

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.sharding.arrays import Arrays, Floats, Integers
from heurigym.experts.sharding.moves import State, move
from heurigym.experts.sharding.trees import Forest


@compiled
def seed_moves(seed: int) -> None:
    """Seed the generator of compiled moves."""
    np.random.seed(seed)


@compiled
def sweep(
    arrays: Arrays,
    forest: Forest,
    state: State,
    number: int,
    count: int,
    size: int,
    bounded: bool,
    places: Integers,
    starts: Integers,
) -> int:
    """Minimise along ``count`` trees of at most ``size`` nodes from random roots; how many components changed."""
    made = 0
    nodes = len(state.chosen)
    for index in range(count):
        root = np.random.randint(nodes)
        breadth = np.random.random()
        made += move(arrays, forest, state, number + index, root, size, breadth, -1, 0.0, bounded, places, starts)
    return made


@compiled
def anneal(
    arrays: Arrays,
    forest: Forest,
    state: State,
    best: Integers,
    least: Floats,
    number: int,
    count: int,
    heat: float,
    largest: int,
    places: Integers,
    starts: Integers,
) -> int:
    """Make ``count`` moves at the temperature ``heat``, within the memory limit; how many were made.

    Args:
        arrays: the problem.
        forest: room for trees.
        state: a choice that fits; it is changed.
        best: the best choice so far; replaced by a better one.
        least: one number, the cost of ``best``.
        number: a number above those of all trees so far.
        count: moves to try.
        heat: temperature, in units of cost.
        largest: most nodes of a tree; sizes are drawn with equal chance for each order of magnitude.
        places: room for one number for each node.
        starts: room for one number for each node, and one more.
    """
    nodes = len(state.chosen)
    made = 0
    for index in range(count):
        root = np.random.randint(nodes)
        choices = arrays.first[root + 1] - arrays.first[root]
        forced = -1
        if choices > 1:
            forced = np.random.randint(choices - 1)
            forced += forced >= state.chosen[root]
        size = int(np.exp(np.random.random() * np.log(largest))) if largest > 1 else 1
        bound = -heat * np.log(np.random.random() + 1e-300)
        made += move(
            arrays,
            forest,
            state,
            number + index,
            root,
            max(1, size),
            np.random.random(),
            forced,
            bound,
            True,
            places,
            starts,
        )
        if state.total[0] < least[0]:
            least[0] = state.total[0]
            best[:] = state.chosen
    return made


@compiled
def construct(arrays: Arrays, state: State, backward: bool) -> None:
    """One pass over the nodes: each takes the strategy that is cheapest, memory at its price, with those before it.

    Memory and cost of the state are not kept up to date; see :func:`~heurigym.experts.sharding.moves.refill`.
    """
    nodes = len(state.chosen)
    for step in range(nodes):
        node = nodes - 1 - step if backward else step
        first, count = arrays.first[node], arrays.first[node + 1] - arrays.first[node]
        total = state.priced[first : first + count].copy()
        for edge in range(arrays.adjacent[node], arrays.adjacent[node + 1]):
            other = arrays.other[edge]
            if (other > node) == backward:
                at = arrays.table[edge] + state.chosen[other] * arrays.theirs[edge]
                for index in range(count):
                    total[index] += arrays.pair[at + index * arrays.mine[edge]]
        state.chosen[node] = np.argmin(total)
