"""The moves of local search, compiled."""

import math

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.egraph.graph import Floats, Ints
from heurigym.experts.egraph.references import drop, take, undo

_STEPS = 12
"""Most classes that one move changes."""

_ATTEMPTS = 24
"""Most classes that a move tries to change after the first."""


@compiled
def anneal(
    first: Ints,
    child_start: Ints,
    children: Ints,
    class_of: Ints,
    start: Ints,
    users: Ints,
    roots: Ints,
    costs: Ints,
    estimates: Floats,
    components: Ints,
    choice: Ints,
    best: Ints,
    temperature: float,
    wisdom: float,
    moves: int,
    seed: int,
) -> None:
    """Change ``choice`` by ``moves`` moves and keep the cheapest choice met in ``best``.

    A move changes one class and then, when it has made new classes needed, others that gain from using these: a
    result that several classes can share pays only when they change together.
    """
    np.random.seed(seed)
    count = len(choice)
    uses = np.zeros(count, dtype=np.int64)
    needed = np.empty(count, dtype=np.int64)
    place = np.zeros(count, dtype=np.int64)
    stack = np.empty(count + 1, dtype=np.int64)
    fresh = np.empty(count * (_STEPS + 1), dtype=np.int64)
    before = np.empty(count * (_STEPS + 1), dtype=np.int64)
    counts = np.zeros(2, dtype=np.int64)
    colour = np.zeros(count, dtype=np.int64)
    position = np.zeros(count, dtype=np.int64)
    path = np.empty(count, dtype=np.int64)
    visited = np.empty(count, dtype=np.int64)
    owners = np.empty(_STEPS, dtype=np.int64)
    olds = np.empty(_STEPS, dtype=np.int64)
    begins = np.zeros(_STEPS + 1, dtype=np.int64)
    for root in roots:
        uses[root] += 1
        if uses[root] == 1:
            place[root] = counts[0]
            needed[counts[0]] = root
            counts[0] += 1
            take(
                choice[root],
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
    # ``best`` and ``choice`` may differ at the start, so the sum below the best so far is what counts.
    excess = _selection_cost(choice, needed, counts[0], costs) - _reached_cost(
        roots, child_start, children, costs, best
    )
    unsaved = False
    for _ in range(moves):
        owner = needed[np.random.randint(counts[0])]
        size = first[owner + 1] - first[owner]
        if size < 2:
            continue
        new = first[owner] + np.random.randint(size - 1)
        if new >= choice[owner]:
            new += 1
        wise = np.random.random() < wisdom
        together = np.random.random() < 0.5
        counts[1] = 0
        steps = 0
        change = 0
        attempt = 0
        offered = 0
        accepted = True
        while True:
            old = choice[owner]
            gain = drop(old, child_start, children, costs, choice, uses, needed, place, stack, counts)
            choice[owner] = new
            owners[steps] = owner
            olds[steps] = old
            begins[steps] = counts[1]
            step = -gain + take(
                new,
                wise,
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
            begins[steps + 1] = counts[1]
            steps += 1
            # The first step may be dear; the others must gain, or they are taken back at once.
            good = steps == 1 or step <= 0
            if good:
                good = not _has_cycle(
                    owner,
                    child_start,
                    children,
                    components,
                    choice,
                    fresh[begins[steps - 1] : counts[1]],
                    counts[1] - begins[steps - 1],
                    colour,
                    position,
                    path,
                    visited,
                )
            if good:
                change += step
            elif steps == 1:
                accepted = False
                break
            else:
                steps -= 1
                undo(
                    owner,
                    old,
                    begins[steps],
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
            offered = begins[1]
            if not together or change <= 0 or offered == 0 or steps == _STEPS:
                break
            found = False
            while attempt < _ATTEMPTS and not found:
                attempt += 1
                shared = fresh[np.random.randint(offered)]
                if uses[shared] == 0 or start[shared] == start[shared + 1]:
                    continue
                new = users[start[shared] + np.random.randint(start[shared + 1] - start[shared])]
                owner = class_of[new]
                found = uses[owner] > 0 and choice[owner] != new and owner != owners[0]
            if not found:
                break
            wise = False
        if accepted:
            accepted = change <= 0 or (temperature > 0 and np.random.random() < math.exp(-change / temperature))
        if accepted:
            if change > 0 and unsaved:
                # The state before this move is the best so far; it is this state with the move taken back.
                best[:] = choice
                for number in range(steps - 1, -1, -1):
                    for index in range(begins[number], begins[number + 1]):
                        best[fresh[index]] = before[index]
                    best[owners[number]] = olds[number]
                unsaved = False
            excess += change
            if excess < 0:
                excess = 0
                unsaved = True
        else:
            for number in range(steps - 1, -1, -1):
                undo(
                    owners[number],
                    olds[number],
                    begins[number],
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
    if unsaved:
        best[:] = choice


@compiled
def _has_cycle(
    changed: int,
    child_start: Ints,
    children: Ints,
    components: Ints,
    choice: Ints,
    fresh: Ints,
    fresh_count: int,
    colour: Ints,
    position: Ints,
    path: Ints,
    visited: Ints,
) -> bool:
    """Whether the chosen nodes of ``changed`` and of the fresh classes close a cycle.

    Any new cycle goes through one of these, and stays inside its strongly connected component.
    """
    seen = 0
    found = False
    for number in range(-1, fresh_count):
        begin = changed if number < 0 else fresh[number]
        component = components[begin]
        if component < 0 or colour[begin] != 0:
            continue
        path[0] = begin
        depth = 1
        colour[begin] = 1
        position[begin] = child_start[choice[begin]]
        visited[seen] = begin
        seen += 1
        while depth > 0 and not found:
            current = path[depth - 1]
            index = position[current]
            if index == child_start[choice[current] + 1]:
                colour[current] = 2
                depth -= 1
                continue
            position[current] = index + 1
            child = children[index]
            if components[child] != component or colour[child] == 2:
                continue
            if colour[child] == 1:
                found = True
            else:
                colour[child] = 1
                position[child] = child_start[choice[child]]
                visited[seen] = child
                seen += 1
                path[depth] = child
                depth += 1
        if found:
            break
    for number in range(seen):
        colour[visited[number]] = 0
    return found


@compiled
def _selection_cost(choice: Ints, needed: Ints, count: int, costs: Ints) -> int:
    total: int = 0
    for number in range(count):
        total += costs[choice[needed[number]]]
    return total


@compiled
def _reached_cost(roots: Ints, child_start: Ints, children: Ints, costs: Ints, choice: Ints) -> int:
    seen = np.zeros(len(choice), dtype=np.bool_)
    stack = np.empty(len(choice), dtype=np.int64)
    top = 0
    for root in roots:
        seen[root] = True
        stack[top] = root
        top += 1
    total: int = 0
    while top > 0:
        top -= 1
        node = choice[stack[top]]
        total += costs[node]
        for index in range(child_start[node], child_start[node + 1]):
            child = children[index]
            if not seen[child]:
                seen[child] = True
                stack[top] = child
                top += 1
    return total
