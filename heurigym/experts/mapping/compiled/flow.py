"""Compiled FlowMap: the least depth of every gate and a cut that reaches it, by flows in its cone.

J. Cong, Y. Ding, "FlowMap: an optimal technology mapping algorithm for delay optimization in lookup-table based
FPGA designs", TCAD 1994. The label of a gate is the largest label p among its fanins if a cut of at most k nodes of
smaller labels separates it from the inputs, else p + 1. Such a cut exists when no more than k paths without a
common node lead from the inputs to gates of the cone with label p, which count as one with the gate itself.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from heurigym.experts.mapping.compiled.cuts import Ints, Sizes


@njit(cache=True)
def label_depths(fanins: Ints, first: int, k: int, leaves: Ints, sizes: Sizes) -> Ints:
    """The least depth of a LUT of at most ``k`` inputs at every node; 0 for inputs.

    Args:
        fanins: fanins as nodes, shape (nodes, 2).
        first: number of the first gate.
        k: largest number of leaves.
        leaves: filled in: for every gate the leaves, in ascending order, of a cut that gives it its label, shape
            (nodes, 6).
        sizes: filled in: numbers of leaves, shape (nodes,).
    """
    nodes = len(fanins)
    label = np.zeros(nodes, np.int32)
    merged = np.zeros(nodes, np.int32)
    top = np.empty(nodes, np.int32)
    carries = np.zeros(nodes, np.int32)
    above = np.zeros(nodes, np.int32)
    seen = np.zeros(2 * nodes, np.int64)
    came_from = np.empty(2 * nodes, np.int32)
    queue = np.empty(2 * nodes, np.int32)
    for node in range(first, nodes):
        depth = max(label[fanins[node, 0]], label[fanins[node, 1]])
        if depth == 0:
            label[node] = 1
            _take_fanins(node, fanins, leaves, sizes)
            continue
        count = _merge(node, depth, fanins, first, label, merged, top)
        label[node] = depth + 1
        _take_fanins(node, fanins, leaves, sizes)
        for paths in range(k + 1):
            stamp = node * (k + 1) + paths
            end, met = _find_path(
                node, count, top, fanins, first, merged, carries, above, stamp, seen, came_from, queue
            )
            if end < 0:
                label[node] = depth
                _take_cut(node, met, queue, seen, stamp, leaves, sizes)
                break
            _add_path(node, end, carries, above, came_from)
    return label


@njit(cache=True)
def _take_fanins(node: int, fanins: Ints, leaves: Ints, sizes: Sizes) -> None:
    leaves[node, 0] = min(fanins[node, 0], fanins[node, 1])
    leaves[node, 1] = max(fanins[node, 0], fanins[node, 1])
    sizes[node] = 1 if fanins[node, 0] == fanins[node, 1] else 2


@njit(cache=True)
def _take_cut(
    node: int, met: int, queue: Ints, seen: NDArray[np.int64], stamp: int, leaves: Ints, sizes: Sizes
) -> None:
    """The nodes whose entrance a search that found no further path met, and whose exit it did not."""
    size = 0
    for index in range(met):
        place = queue[index]
        if place & 1 == 0 and seen[place + 1] != stamp:
            spot = size
            while spot > 0 and leaves[node, spot - 1] > place >> 1:
                leaves[node, spot] = leaves[node, spot - 1]
                spot -= 1
            leaves[node, spot] = place >> 1
            size += 1
    sizes[node] = size


@njit(cache=True)
def _merge(node: int, depth: int, fanins: Ints, first: int, label: Ints, merged: Ints, top: Ints) -> int:
    """Mark ``node``, and the gates of label ``depth`` in its cone, with ``node``; they are listed in ``top``."""
    top[0] = node
    merged[node] = node
    count, done = 1, 0
    while done < count:
        gate = top[done]
        done += 1
        for side in range(2):
            fanin = fanins[gate, side]
            # Labels never fall towards the outputs, so these gates are all met without leaving them.
            if fanin >= first and label[fanin] == depth and merged[fanin] != node:
                merged[fanin] = node
                top[count] = fanin
                count += 1
    return count


@njit(cache=True)
def _find_path(
    node: int,
    count: int,
    top: Ints,
    fanins: Ints,
    first: int,
    merged: Ints,
    carries: Ints,
    above: Ints,
    stamp: int,
    seen: NDArray[np.int64],
    came_from: Ints,
    queue: Ints,
) -> tuple[int, int]:
    """Where a further path from an input to ``top`` begins, traced in ``came_from``; -1 if there is none.

    Second comes how many places the search met; they are in ``queue``.

    Every node has an entrance (place ``2 * v``), which its readers see, and an exit to its fanins (``2 * v + 1``).
    Between them one path passes; ``carries`` says whether one does and ``above`` where it goes on, -1 for ``top``.
    The search may push earlier paths aside by going back along them.
    """
    met, done = 0, 0
    for index in range(count):
        for side in range(2):
            place = 2 * fanins[top[index], side]
            if merged[place >> 1] != node and seen[place] != stamp:
                seen[place], came_from[place] = stamp, -1
                queue[met] = place
                met += 1
    while done < met:
        place = queue[done]
        done += 1
        here = place >> 1
        carried = carries[here] == node
        if place & 1 == 0:
            if not carried:
                targets = (place + 1, -1, -1)
            else:
                targets = (2 * above[here] + 1 if above[here] >= 0 else -1, -1, -1)
        elif here < first:
            return place, met
        else:
            targets = (2 * fanins[here, 0], 2 * fanins[here, 1], place - 1 if carried else -1)
        for target in targets:
            if target >= 0 and seen[target] != stamp:
                seen[target], came_from[target] = stamp, place
                queue[met] = target
                met += 1
    return -1, met


@njit(cache=True)
def _add_path(node: int, end: int, carries: Ints, above: Ints, came_from: Ints) -> None:
    """Enter the path that the search found into ``carries`` and ``above``."""
    place = end
    while place >= 0:
        before = came_from[place]
        here = place >> 1
        if place & 1 == 1:
            if before >= 0 and before >> 1 == here:
                carries[here] = node
            # Otherwise an earlier path is pushed aside: it leaves this exit for another node.
        elif before < 0:
            above[here] = -1
        elif before >> 1 != here:
            above[here] = before >> 1
        else:
            carries[here] = 0
        place = before
