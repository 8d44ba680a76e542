"""Compiled simulated annealing over the stored cuts of a cover.

There are two kinds of steps. One gives a LUT another of its cuts. The other expels a LUT: all LUTs that read it
change to cuts without it, which no sequence of single changes does without going far uphill first. The change of
area is counted exactly, and a step that is not taken is undone exactly.
"""

import numpy as np
from numba import njit

from heurigym.experts.mapping.compiled.cover import add_uses, remove_uses
from heurigym.experts.mapping.compiled.cuts import Ints, Sizes

_EXPELLED = 0.5
"""Share of steps that expel a LUT."""

_MOST_READERS = 12
"""LUTs that more others read are not expelled."""

_COOL_EVERY = 1024


@njit(cache=True)
def possible_readers(first: int, leaves: Ints, sizes: Sizes, counts: Ints) -> tuple[Ints, Ints]:
    """For each node the gates that have it as a leaf of some cut: where each node's begin, and the gates."""
    nodes = len(counts)
    start = np.zeros(nodes + 1, np.int32)
    seen = np.full(nodes, -1, np.int32)
    for node in range(first, nodes):
        for cut in range(counts[node]):
            for index in range(sizes[node, cut]):
                leaf = leaves[node, cut, index]
                if leaf >= first and seen[leaf] != node:
                    seen[leaf] = node
                    start[leaf + 1] += 1
    for node in range(nodes):
        start[node + 1] += start[node]
    place = start.copy()
    gates = np.empty(start[nodes], np.int32)
    seen[:] = -1
    for node in range(first, nodes):
        for cut in range(counts[node]):
            for index in range(sizes[node, cut]):
                leaf = leaves[node, cut, index]
                if leaf >= first and seen[leaf] != node:
                    seen[leaf] = node
                    gates[place[leaf]] = node
                    place[leaf] += 1
    return start, gates


@njit(cache=True)
def anneal(
    first: int,
    leaves: Ints,
    sizes: Sizes,
    counts: Ints,
    choice: Ints,
    uses: Ints,
    area: int,
    hot: float,
    cold: float,
    steps: int,
    seed: int,
    best_choice: Ints,
) -> int:
    """Anneal a cover in place; the least area seen, its cuts left in ``best_choice``.

    Gates that become LUTs by a step take the cut that needs the fewest further LUTs. Steps that cost LUTs are taken
    with the probability of Metropolis' rule, at temperatures that fall from ``hot`` to ``cold``, in LUTs.
    """
    np.random.seed(seed)
    nodes = len(uses)
    start, readers = possible_readers(first, leaves, sizes, counts)
    stack = np.empty(nodes, np.int32)
    roots = np.empty(_MOST_READERS, np.int32)
    before = np.empty(_MOST_READERS, np.int32)
    changed = np.empty((6 * _MOST_READERS, 2), np.int32)
    moves = np.zeros(_MOST_READERS + 1, np.int32)
    best_area = area
    best_choice[:] = choice
    cooling = (cold / hot) ** (1.0 / max(1, steps // _COOL_EVERY))
    temperature = hot
    for step in range(steps):
        if step % _COOL_EVERY == _COOL_EVERY - 1:
            temperature *= cooling
        node = first + np.random.randint(nodes - first)
        if uses[node] == 0:
            continue
        if np.random.random() < _EXPELLED:
            total = _readers_of(node, start, readers, leaves, sizes, choice, uses, roots)
            avoided = node
        else:
            total = 1 if counts[node] > 1 else 0
            roots[0] = node
            avoided = -1
        done, change, failed = 0, 0, False
        while done < total and not failed:
            root = roots[done]
            moves[done + 1] = moves[done]
            before[done] = choice[root] if uses[root] > 0 else -1
            done += 1
            if uses[root] == 0:
                continue
            change -= remove_uses(root, first, leaves, sizes, choice, uses, stack)
            new = _other_cut(root, avoided, first, leaves, sizes, counts, choice[root], uses)
            failed = new < 0
            if not failed:
                for index in range(sizes[root, new]):
                    leaf = leaves[root, new, index]
                    if leaf >= first and uses[leaf] == 0:
                        changed[moves[done], 0], changed[moves[done], 1] = leaf, choice[leaf]
                        moves[done] += 1
                        _choose_cheap(leaf, first, leaves, sizes, counts, choice, uses)
                choice[root] = new
            change += add_uses(root, first, leaves, sizes, choice, uses, stack)
        if failed or (change > 0 and np.random.random() >= np.exp(-change / temperature)):
            for index in range(done - 1, -1, -1):
                root = roots[index]
                if before[index] >= 0:
                    remove_uses(root, first, leaves, sizes, choice, uses, stack)
                    for move in range(moves[index + 1] - 1, moves[index] - 1, -1):
                        choice[changed[move, 0]] = changed[move, 1]
                    choice[root] = before[index]
                    add_uses(root, first, leaves, sizes, choice, uses, stack)
        elif total > 0:
            area += change
            if area < best_area:
                best_area = area
                best_choice[:] = choice
    return best_area


@njit(cache=True)
def _readers_of(
    node: int, start: Ints, readers: Ints, leaves: Ints, sizes: Sizes, choice: Ints, uses: Ints, roots: Ints
) -> int:
    """Fill in the LUTs that read ``node``; how many, or 0 if there are too many or an output reads it too."""
    total = 0
    for place in range(start[node], start[node + 1]):
        root = readers[place]
        if uses[root] > 0:
            cut = choice[root]
            for index in range(sizes[root, cut]):
                if leaves[root, cut, index] == node:
                    if total == len(roots):
                        return 0
                    roots[total] = root
                    total += 1
                    break
    return total if total == uses[node] else 0


@njit(cache=True)
def _other_cut(
    root: int,
    avoided: int,
    first: int,
    leaves: Ints,
    sizes: Sizes,
    counts: Ints,
    present: int,
    uses: Ints,
) -> int:
    """A random other cut of ``root``, or the one with the fewest unused leaves among those without ``avoided``.

    Returns -1 if every cut has ``avoided``.
    """
    if avoided < 0:
        other = int(np.random.randint(counts[root] - 1))
        return other + 1 if other >= present else other
    best, fewest, ties = -1, 1 << 20, 0
    for cut in range(counts[root]):
        missing = 0
        for index in range(sizes[root, cut]):
            leaf = leaves[root, cut, index]
            if leaf == avoided:
                missing = 1 << 20
            elif leaf >= first and uses[leaf] == 0:
                missing += 1
        if missing < fewest:
            best, fewest, ties = cut, missing, 1
        elif missing == fewest and best >= 0:
            ties += 1
            if np.random.randint(ties) == 0:
                best = cut
    return best


@njit(cache=True)
def _choose_cheap(
    node: int,
    first: int,
    leaves: Ints,
    sizes: Sizes,
    counts: Ints,
    choice: Ints,
    uses: Ints,
) -> None:
    """Give an unused gate the cut with the fewest unused gates among its leaves, ties at random."""
    best, fewest, ties = choice[node], 1 << 20, 0
    for cut in range(counts[node]):
        missing = 0
        for index in range(sizes[node, cut]):
            leaf = leaves[node, cut, index]
            if leaf >= first and uses[leaf] == 0:
                missing += 1
        if missing < fewest:
            best, fewest, ties = cut, missing, 1
        elif missing == fewest:
            ties += 1
            if np.random.randint(ties) == 0:
                best = cut
    choice[node] = best
