"""Reference counts of an extraction, compiled: what a node needs, and what nothing needs any more.

``uses`` counts for each class the needed classes whose nodes have it as a child. ``needed`` lists the classes with
a count, ``place`` their positions in it. ``counts`` holds the number of needed classes and of those in ``fresh``,
which are the ones that the move under way has made needed; ``before`` holds what these chose before.
"""

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.egraph.graph import Floats, Ints


@compiled
def take(
    node: int,
    wise: bool,
    first: Ints,
    child_start: Ints,
    children: Ints,
    costs: Ints,
    estimates: np.ndarray,
    choice: Ints,
    uses: Ints,
    needed: Ints,
    place: Ints,
    stack: Ints,
    fresh: Ints,
    before: Ints,
    counts: Ints,
) -> int:
    """Add a node's needs: the cost of the classes that become needed, which are written to ``fresh``.

    ``counts`` holds the number of needed classes and of fresh ones. With ``wise`` each of the latter chooses the
    node that looks cheapest beside what is needed already; its former choice goes to ``before``.
    """
    total: int = costs[node]
    stack[0] = node
    top = 1
    while top > 0:
        top -= 1
        current = stack[top]
        for index in range(child_start[current], child_start[current + 1]):
            child = children[index]
            uses[child] += 1
            if uses[child] == 1:
                before[counts[1]] = choice[child]
                if wise:
                    best_value = np.inf
                    for rival in range(first[child], first[child + 1]):
                        value = float(costs[rival])
                        for other in range(child_start[rival], child_start[rival + 1]):
                            if uses[children[other]] == 0:
                                value += estimates[children[other]]
                        if value < best_value or (value == best_value and rival == choice[child]):
                            best_value = value
                            choice[child] = rival
                fresh[counts[1]] = child
                counts[1] += 1
                place[child] = counts[0]
                needed[counts[0]] = child
                counts[0] += 1
                total += costs[choice[child]]
                stack[top] = choice[child]
                top += 1
    return total


@compiled
def drop(
    node: int,
    child_start: Ints,
    children: Ints,
    costs: Ints,
    choice: Ints,
    uses: Ints,
    needed: Ints,
    place: Ints,
    stack: Ints,
    counts: Ints,
) -> int:
    """Remove a node's needs: the cost of the node and of the classes that are needed no more."""
    total: int = costs[node]
    stack[0] = node
    top = 1
    while top > 0:
        top -= 1
        current = stack[top]
        for index in range(child_start[current], child_start[current + 1]):
            child = children[index]
            uses[child] -= 1
            if uses[child] == 0:
                counts[0] -= 1
                last = needed[counts[0]]
                needed[place[child]] = last
                place[last] = place[child]
                total += costs[choice[child]]
                stack[top] = choice[child]
                top += 1
    return total


@compiled
def _release(node: int, child_start: Ints, children: Ints, uses: Ints) -> None:
    for index in range(child_start[node], child_start[node + 1]):
        uses[children[index]] -= 1


@compiled
def _remove(fresh: Ints, needed: Ints, place: Ints, counts: Ints) -> None:
    """Take classes out of the list of the needed ones."""
    for child in fresh:
        counts[0] -= 1
        last = needed[counts[0]]
        needed[place[child]] = last
        place[last] = place[child]


@compiled
def undo(
    owner: int,
    old: int,
    begin: int,
    first: Ints,
    child_start: Ints,
    children: Ints,
    costs: Ints,
    estimates: Floats,
    choice: Ints,
    uses: Ints,
    needed: Ints,
    place: Ints,
    stack: Ints,
    fresh: Ints,
    before: Ints,
    counts: Ints,
) -> None:
    """Take the last step back, whose fresh classes begin at ``begin``."""
    # Not by drop, which never gets to the end of a cycle of fresh classes.
    _release(choice[owner], child_start, children, uses)
    for index in range(begin, counts[1]):
        _release(choice[fresh[index]], child_start, children, uses)
    for index in range(begin, counts[1]):
        choice[fresh[index]] = before[index]
    _remove(fresh[begin : counts[1]], needed, place, counts)
    choice[owner] = old
    counts[1] = begin
    take(
        old,
        False,
        first,
        child_start,
        children,
        costs,
        estimates,
        choice,
        uses,
        needed,
        place,
        stack,
        fresh,
        before,
        counts,
    )
    counts[1] = begin
