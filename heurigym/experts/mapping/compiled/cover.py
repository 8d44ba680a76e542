"""Compiled covers: which cut each node would use, which nodes are used, and exact area.

A cover is ``choice`` (the cut that each gate uses or would use) and ``uses`` (how many LUTs and outputs use each
node). A gate is a LUT exactly when it has uses. The area that a change gains or costs is counted exactly, by
following the uses that appear or disappear ("exact local area", A. Mishchenko, S. Chatterjee, R. Brayton,
TCAD 2007).
"""

from numba import njit

from heurigym.experts.mapping.compiled.cuts import FAR, Floats, Ints, Sizes


@njit(cache=True)
def add_uses(
    node: int,
    first: int,
    leaves: Ints,
    sizes: Sizes,
    choice: Ints,
    uses: Ints,
    stack: Ints,
) -> int:
    """Use the leaves of the chosen cut of ``node``, and of every gate that becomes a LUT by it; the LUTs added."""
    top, added = 0, 0
    stack[top] = node
    while top >= 0:
        current = stack[top]
        top -= 1
        added += 1
        cut = choice[current]
        for index in range(sizes[current, cut]):
            leaf = leaves[current, cut, index]
            if leaf >= first and uses[leaf] == 0:
                top += 1
                stack[top] = leaf
            uses[leaf] += 1
    return added


@njit(cache=True)
def remove_uses(
    node: int,
    first: int,
    leaves: Ints,
    sizes: Sizes,
    choice: Ints,
    uses: Ints,
    stack: Ints,
) -> int:
    """Undo :func:`add_uses`; the LUTs removed."""
    top, removed = 0, 0
    stack[top] = node
    while top >= 0:
        current = stack[top]
        top -= 1
        removed += 1
        cut = choice[current]
        for index in range(sizes[current, cut]):
            leaf = leaves[current, cut, index]
            uses[leaf] -= 1
            if leaf >= first and uses[leaf] == 0:
                top += 1
                stack[top] = leaf
    return removed


@njit(cache=True)
def count_uses(
    first: int,
    outputs: Ints,
    leaves: Ints,
    sizes: Sizes,
    choice: Ints,
    uses: Ints,
) -> int:
    """Fill in ``uses`` for the chosen cuts; the number of LUTs."""
    uses[:] = 0
    for output in outputs:
        uses[output] += 1
    area = 0
    for node in range(len(uses) - 1, first - 1, -1):
        if uses[node] > 0:
            area += 1
            cut = choice[node]
            for index in range(sizes[node, cut]):
                uses[leaves[node, cut, index]] += 1
    return area


@njit(cache=True)
def measure_depth(
    first: int,
    leaves: Ints,
    sizes: Sizes,
    choice: Ints,
    arrival: Ints,
) -> None:
    """Fill in the depth of every gate for the chosen cuts."""
    arrival[:first] = 0
    for node in range(first, len(arrival)):
        depth = 0
        cut = choice[node]
        for index in range(sizes[node, cut]):
            depth = max(depth, arrival[leaves[node, cut, index]])
        arrival[node] = depth + 1


@njit(cache=True)
def measure_required(
    first: int,
    outputs: Ints,
    bound: int,
    leaves: Ints,
    sizes: Sizes,
    choice: Ints,
    uses: Ints,
    required: Ints,
) -> None:
    """Fill in the largest depth that every LUT may have; ``FAR`` for gates that are none."""
    required[:] = FAR
    if bound >= FAR:
        return
    for output in outputs:
        required[output] = bound
    for node in range(len(required) - 1, first - 1, -1):
        if uses[node] > 0:
            cut = choice[node]
            for index in range(sizes[node, cut]):
                leaf = leaves[node, cut, index]
                required[leaf] = min(required[leaf], required[node] - 1)


@njit(cache=True)
def recover_area(
    first: int,
    leaves: Ints,
    sizes: Sizes,
    counts: Ints,
    choice: Ints,
    uses: Ints,
    arrival: Ints,
    required: Ints,
    flow: Floats,
    stack: Ints,
) -> int:
    """One pass of exact-area recovery in topological order, never deeper than ``required``; the LUTs saved."""
    saved = 0
    for node in range(first, len(uses)):
        used = uses[node] > 0
        before = remove_uses(node, first, leaves, sizes, choice, uses, stack) if used else 0
        best_cut, best_area, best_flow, best_depth = -1, FAR, 0.0, FAR
        for cut in range(counts[node]):
            depth, total = 0, 0.0
            for index in range(sizes[node, cut]):
                leaf = leaves[node, cut, index]
                depth = max(depth, arrival[leaf])
                if uses[leaf] == 0:
                    total += flow[leaf]
            depth += 1
            if depth > required[node] and not (best_cut < 0 and cut == counts[node] - 1):
                continue
            choice[node] = cut
            area = add_uses(node, first, leaves, sizes, choice, uses, stack)
            remove_uses(node, first, leaves, sizes, choice, uses, stack)
            if area < best_area or (
                area == best_area
                and (total < best_flow - 1e-9 or (total < best_flow + 1e-9 and depth < best_depth))
            ):
                best_cut, best_area, best_flow, best_depth = cut, area, total, depth
        choice[node] = best_cut
        arrival[node] = best_depth
        if used:
            saved += before - add_uses(node, first, leaves, sizes, choice, uses, stack)
    return saved


@njit(cache=True)
def restrict(
    first: int,
    leaves: Ints,
    sizes: Sizes,
    counts: Ints,
    choice: Ints,
    deadline: Ints,
    kept_leaves: Ints,
    kept_sizes: Sizes,
    kept_counts: Ints,
    kept_choice: Ints,
) -> None:
    """Copy the cuts whose leaves are all due at least one level before their node; chosen cuts of LUTs fit.

    A cover by such cuts alone has no LUT deeper than its deadline. A gate without any keeps none, and neither
    does a cut that needs such a gate.
    """
    for node in range(first, len(counts)):
        kept = 0
        kept_choice[node] = 0
        for cut in range(counts[node]):
            fits = True
            for index in range(sizes[node, cut]):
                leaf = leaves[node, cut, index]
                if deadline[leaf] >= deadline[node] or (leaf >= first and kept_counts[leaf] == 0):
                    fits = False
                    break
            if fits:
                if choice[node] == cut:
                    kept_choice[node] = kept
                for index in range(sizes[node, cut]):
                    kept_leaves[node, kept, index] = leaves[node, cut, index]
                kept_sizes[node, kept] = sizes[node, cut]
                kept += 1
        kept_counts[node] = kept


@njit(cache=True)
def assign_deadlines(
    fanins: Ints,
    first: int,
    required: Ints,
    uses: Ints,
    deadline: Ints,
) -> None:
    """Fill in a deadline for every node: for LUTs their required depth, for others what those near allow."""
    nodes = len(fanins)
    deadline[:] = FAR
    for node in range(nodes - 1, first - 1, -1):
        if uses[node] > 0:
            deadline[node] = required[node]
        inner = deadline[node] - 1 if uses[node] > 0 else deadline[node]
        for side in range(2):
            fanin = fanins[node, side]
            if fanin >= first and uses[fanin] == 0:
                deadline[fanin] = min(deadline[fanin], inner)
    for node in range(first):
        deadline[node] = 0
    for node in range(first, nodes):
        if uses[node] == 0:
            deadline[node] = max(deadline[node], 1)
