"""Compiled enumeration of priority cuts.

A cut of a node is a set of nodes, its leaves, that every path from the inputs to the node passes. For each node the
cuts with at most ``k`` leaves are merged from those of its fanins and only the best few are kept
(A. Mishchenko, S. Cho, S. Chatterjee, R. Brayton, "Combinational and sequential mapping with priority cuts", ICCAD
2007).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Sizes = NDArray[np.int8]
Floats = NDArray[np.float64]
Signs = NDArray[np.uint64]

MAX_LEAVES = 6
FAR = 1 << 29
"""A depth without bound."""

_EPSILON = 1e-9


@njit(cache=True)
def _bits(value: np.uint64) -> np.int64:
    value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
    value = (value & np.uint64(0x3333333333333333)) + ((value >> np.uint64(2)) & np.uint64(0x3333333333333333))
    value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((value * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True)
def _merge(a: Ints, a_size: int, b: Ints, b_size: int, k: int, out: Ints) -> int:
    """Merge two sorted sets of leaves into ``out``; the size, or -1 if it is over ``k``."""
    i = j = size = 0
    while i < a_size or j < b_size:
        if size == k:
            return -1
        if j >= b_size or (i < a_size and a[i] < b[j]):
            out[size] = a[i]
            i += 1
        else:
            if i < a_size and a[i] == b[j]:
                i += 1
            out[size] = b[j]
            j += 1
        size += 1
    return size


@njit(cache=True)
def _contains(big: Ints, big_size: int, small: Ints, small_size: int) -> bool:
    """Whether the sorted set ``small`` is a subset of the sorted set ``big``."""
    if small_size > big_size:
        return False
    i = 0
    for j in range(small_size):
        while i < big_size and big[i] < small[j]:
            i += 1
        if i == big_size or big[i] != small[j]:
            return False
    return True


@njit(cache=True)
def _copy(source: Ints, target: Ints) -> None:
    for index in range(MAX_LEAVES):
        target[index] = source[index]


@njit(cache=True)
def _move(target: int, source: int, leaves: Ints, sizes: Sizes, signs: Signs, depths: Ints, flows: Floats) -> None:
    for index in range(MAX_LEAVES):
        leaves[target, index] = leaves[source, index]
    sizes[target] = sizes[source]
    signs[target] = signs[source]
    depths[target] = depths[source]
    flows[target] = flows[source]


@njit(cache=True)
def _before(
    required: int,
    depth_a: int,
    flow_a: float,
    size_a: int,
    depth_b: int,
    flow_b: float,
    size_b: int,
) -> bool:
    """Whether cut a is better than cut b: less late, or of less area flow if both are in time."""
    late_a, late_b = max(depth_a - required, 0), max(depth_b - required, 0)
    if late_a != late_b:
        return late_a < late_b
    if abs(flow_a - flow_b) > _EPSILON:
        return flow_a < flow_b
    if size_a != size_b:
        return size_a < size_b
    return depth_a < depth_b


@njit(cache=True)
def _is_dominated(
    cut: Ints, size: int, sign: np.uint64, total: int, found: Ints, found_size: Sizes, found_sign: Signs
) -> bool:
    for other in range(total):
        if found_sign[other] & sign == found_sign[other] and _contains(cut, size, found[other], found_size[other]):
            return True
    return False


@njit(cache=True)
def enumerate_cuts(
    fanins: Ints,
    first: int,
    k: int,
    limit: int,
    references: Floats,
    required: Ints,
    keep: Ints,
    keep_size: Sizes,
    leaves: Ints,
    sizes: Sizes,
    counts: Ints,
    arrival: Ints,
    flow: Floats,
) -> bool:
    """Fill in the cuts of every gate, best first; returns whether no cut was dropped for want of room.

    Args:
        fanins: fanins as nodes, shape (nodes, 2).
        first: number of the first gate.
        k: largest number of leaves.
        limit: largest number of cuts of a node.
        references: for each node the estimated number of LUTs that use it, at least 1.
        required: for each node the largest useful depth.
        keep: a cut of each node that must stay, shape (nodes, 6).
        keep_size: its size, 0 for none.
        leaves: filled in: leaves of the cuts, shape (nodes, limit, 6).
        sizes: filled in: numbers of leaves, shape (nodes, limit).
        counts: filled in: numbers of cuts.
        arrival: filled in: depth of the best cut of each node.
        flow: filled in: area flow of each node.
    """
    nodes = len(fanins)
    found = np.empty((limit + 1, MAX_LEAVES), np.int32)
    found_size = np.empty(limit + 1, np.int8)
    found_sign = np.empty(limit + 1, np.uint64)
    found_depth = np.empty(limit + 1, np.int32)
    found_flow = np.empty(limit + 1, np.float64)
    merged = np.empty(MAX_LEAVES, np.int32)
    quickest = np.empty(MAX_LEAVES, np.int32)
    alone = np.empty((2, 1), np.int32)
    signs = np.zeros((nodes, limit), np.uint64)
    one = np.uint64(1)
    complete = True
    for node in range(first, nodes):
        left, right = fanins[node, 0], fanins[node, 1]
        alone[0, 0], alone[1, 0] = left, right
        sign_left, sign_right = one << np.uint64(left & 63), one << np.uint64(right & 63)
        total = 0
        quickest_depth, quickest_size = FAR, 0
        for i in range(-1, counts[left]):
            a = alone[0] if i < 0 else leaves[left, i]
            a_size = 1 if i < 0 else sizes[left, i]
            a_sign = sign_left if i < 0 else signs[left, i]
            for j in range(-1, counts[right]):
                b_sign = sign_right if j < 0 else signs[right, j]
                sign = a_sign | b_sign
                if _bits(sign) > k:
                    continue
                b = alone[1] if j < 0 else leaves[right, j]
                b_size = 1 if j < 0 else sizes[right, j]
                size = _merge(a, a_size, b, b_size, k, merged)
                if size < 0:
                    continue
                depth, area = 0, 1.0
                for index in range(size):
                    leaf = merged[index]
                    depth = max(depth, arrival[leaf])
                    area += flow[leaf]
                depth += 1
                if depth < quickest_depth:
                    quickest_depth, quickest_size = depth, size
                    _copy(merged, quickest)
                if total == limit and not _before(
                    required[node],
                    depth,
                    area,
                    size,
                    found_depth[total - 1],
                    found_flow[total - 1],
                    found_size[total - 1],
                ):
                    complete = False
                    continue
                if _is_dominated(merged, size, sign, total, found, found_size, found_sign):
                    continue
                kept = 0
                for other in range(total):
                    other_sign = found_sign[other]
                    if other_sign & sign == sign and _contains(found[other], found_size[other], merged, size):
                        continue
                    if kept != other:
                        _move(kept, other, found, found_size, found_sign, found_depth, found_flow)
                    kept += 1
                total = kept
                place = total
                while place > 0 and _before(
                    required[node],
                    depth,
                    area,
                    size,
                    found_depth[place - 1],
                    found_flow[place - 1],
                    found_size[place - 1],
                ):
                    _move(place, place - 1, found, found_size, found_sign, found_depth, found_flow)
                    place -= 1
                _copy(merged, found[place])
                found_size[place] = size
                found_sign[place] = sign
                found_depth[place] = depth
                found_flow[place] = area
                if total == limit:
                    complete = False
                else:
                    total += 1
        for index in range(total):
            _copy(found[index], leaves[node, index])
            sizes[node, index] = found_size[index]
            signs[node, index] = found_sign[index]
        counts[node] = total
        best_depth, best_flow = found_depth[0], found_flow[0]
        if best_depth > quickest_depth and required[node] < FAR:
            _insist(node, quickest, quickest_size, limit, leaves, sizes, signs, counts)
        if keep_size[node] > 0:
            _insist(node, keep[node], keep_size[node], limit, leaves, sizes, signs, counts)
        arrival[node] = best_depth
        flow[node] = best_flow / references[node]
    return complete


@njit(cache=True)
def _insist(
    node: int, cut: Ints, size: int, limit: int, leaves: Ints, sizes: Sizes, signs: Signs, counts: Ints
) -> None:
    """Make sure that a cut is among those of its node, instead of the last one if there is no room."""
    for index in range(counts[node]):
        if sizes[node, index] == size and _contains(leaves[node, index], size, cut, size):
            return
    place = min(counts[node], limit - 1)
    if place == limit - 1 and place > 0 and counts[node] == limit:
        # The last place may hold a cut that was insisted on before; it moves up by one.
        _copy(leaves[node, place], leaves[node, place - 1])
        sizes[node, place - 1] = sizes[node, place]
        signs[node, place - 1] = signs[node, place]
    sign = np.uint64(0)
    for index in range(size):
        leaves[node, place, index] = cut[index]
        sign |= np.uint64(1) << np.uint64(cut[index] & 63)
    sizes[node, place] = size
    signs[node, place] = sign
    counts[node] = place + 1
