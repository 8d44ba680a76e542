"""A sharding problem as flat arrays, for compiled loops."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Arrays(NamedTuple):
    """Nodes 0 to n - 1, their strategies one after the other, and every edge from both of its ends.

    A node may stand for several nodes of the problem, so that it may use memory in several intervals: its items.

    Attributes:
        first: of each node, the place of its first strategy; n + 1 numbers.
        cost: cost of each strategy.
        item: of each node, its first item; n + 1 numbers.
        begin: of each item, its first point.
        end: of each item, the point after its last.
        held: of each item, the place in ``usage`` of the node's first strategy.
        usage: memory of each strategy in each item.
        base: at each point, the memory that no choice changes.
        limit: one number, the most memory at any point.
        adjacent: of each node, the place of its first neighbour; n + 1 numbers.
        other: the neighbour.
        table: place of the edge's table in ``pair``.
        mine: distance in the table between two strategies of the node.
        theirs: distance in the table between two strategies of the neighbour.
        pair: tables of all edges.
    """

    first: Integers
    cost: Floats
    item: Integers
    begin: Integers
    end: Integers
    held: Integers
    usage: Integers
    base: Integers
    limit: Integers
    adjacent: Integers
    other: Integers
    table: Integers
    mine: Integers
    theirs: Integers
    pair: Floats


Item = tuple[int, int, Integers]
"""First time, time after the last, and memory of each strategy."""


def arrays_of(
    costs: Sequence[Floats],
    items: Sequence[Sequence[Item]],
    tables: Mapping[tuple[int, int], Floats],
    limit: int | None,
) -> Arrays:
    """The arrays of nodes with these costs and items, and of these edges.

    Args:
        costs: of each node, the cost of each strategy.
        items: of each node, when and how much memory it uses.
        tables: of each edge (tail, head), the cost of each pair of strategies.
        limit: most memory at any time, or ``None`` for no limit.
    """
    counts = np.array([len(values) for values in costs], dtype=np.int64)
    first = _sums(counts)
    flat = [(node, *item) for node, parts in enumerate(items) for item in parts] if limit is not None else []
    times, base = _points(flat, limit or 0)
    kept = []
    for node, begin, end, usage in flat:
        here, there = (int(place) for place in np.searchsorted(times, (begin, end)))
        if here < there and usage.min() == usage.max():
            base[here:there] += usage[0]
        elif here < there:
            kept.append((node, here, there, usage))
    item = _sums(np.bincount(np.array([node for node, *_ in kept], dtype=np.int64), minlength=len(counts)))
    held = _sums(np.array([len(usage) for *_, usage in kept], dtype=np.int64))
    return Arrays(
        first,
        np.concatenate([*costs, np.zeros(0)]),
        item,
        np.array([begin for _, begin, _, _ in kept], dtype=np.int64),
        np.array([end for _, _, end, _ in kept], dtype=np.int64),
        held,
        np.concatenate([usage for *_, usage in kept] + [np.zeros(0, np.int64)]),
        base,
        np.array([limit if limit is not None else 0], dtype=np.int64),
        *_adjacency(tables, counts),
    )


def _sums(counts: Integers) -> Integers:
    """Sums of all that come before, and the sum of all."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def _adjacency(
    tables: Mapping[tuple[int, int], Floats], counts: Integers
) -> tuple[Integers, Integers, Integers, Integers, Integers, Floats]:
    keys = [key for key, table in tables.items() if table.any()]
    ends = np.array(keys, dtype=np.int64).reshape(-1, 2)
    place = _sums(counts[ends[:, 0]] * counts[ends[:, 1]])[:-1]
    one = np.ones(len(keys), np.int64)
    wide = counts[ends[:, 1]]
    node = np.concatenate([ends[:, 0], ends[:, 1]])
    order = np.argsort(node, kind="stable")
    return (
        _sums(np.bincount(node, minlength=len(counts))),
        np.concatenate([ends[:, 1], ends[:, 0]])[order],
        np.concatenate([place, place])[order],
        np.concatenate([wide, one])[order],
        np.concatenate([one, wide])[order],
        np.concatenate([tables[key].ravel() for key in keys] + [np.zeros(0)]),
    )


def _points(flat: Sequence[tuple[int, int, int, Integers]], limit: int) -> tuple[Integers, Integers]:
    """Times that matter, and no memory at them.

    Left out are times at which another one has the same items and more, and those at which the most that the items
    may use is within the limit.
    """
    change: dict[int, int] = {}
    begins, ends = set(), set()
    for _, begin, end, usage in flat:
        if begin < end:
            begins.add(begin)
            ends.add(end)
            most = int(usage.max())
            change[begin] = change.get(begin, 0) + most
            change[end] = change.get(end, 0) - most
    times: list[int] = []
    used, last = 0, None
    for time in sorted(change):
        if time in ends and last is not None:
            times.append(last)
            last = None
        used += change[time]
        if time in begins:
            last = time if used > limit else None
    return np.array(times, dtype=np.int64), np.zeros(len(times), np.int64)
