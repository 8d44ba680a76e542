"""Iterative modulo scheduling (B. R. Rau, Iterative modulo scheduling, 1994), optionally guided by wished starts.

Operations are placed by priority, each into the first free slots at or after the cycle in which what it depends on
allows it. When none of T consecutive cycles is free it is placed by force and what is in its way is taken out;
a budget of placements ends that.

With wished starts, an operation goes as near to its wish as free slots and what is placed already allow: the wishes
of a lifetime-minimal schedule (SDC) give schedules with few registers, which priorities alone do not look at.
"""

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.modulo.arrays import LoopArrays, arrays_of
from heurigym.experts.scheduling.modulo.bounds import least_interval
from heurigym.experts.scheduling.modulo.loop import Ints, Loop, Mask, Schedule

REPLACEMENTS = 12
"""Placements for each operation beyond its first, on average, before an interval is given up."""
_FAR = 1 << 60


def schedule_at(
    loop: Loop,
    interval: int,
    priority: Ints | None = None,
    wishes: Ints | None = None,
    replacements: int = REPLACEMENTS,
) -> Schedule | None:
    """A modulo schedule with this interval, or ``None`` if the budget of placements did not suffice.

    Args:
        loop: what to schedule.
        interval: T, at least RecMII.
        priority: operations with larger ones are placed first; by default Rau's height, or the earlier wish.
        wishes: starts to be near to; as early as possible without.
        replacements: placements for each operation beyond its first; with 0 nothing is ever taken out again.
    """
    if priority is None:
        priority = heights(loop, interval) if wishes is None else -wishes
    order = np.argsort(-priority, kind="stable").astype(np.int64)
    rank = np.empty(len(loop), np.int64)
    rank[order] = np.arange(len(loop))
    arrays = arrays_of(loop)._replace(members=np.lexsort((rank, loop.kind)).astype(np.int64))
    wished = np.full(len(loop), -_FAR, np.int64) if wishes is None else wishes
    starts = np.zeros(len(loop), np.int64)
    if not _place_all(arrays, interval, order, rank, wished, (1 + replacements) * len(loop), starts):
        return None
    return Schedule(interval, starts)


def schedule_loop(loop: Loop, replacements: int = REPLACEMENTS) -> Schedule | None:
    """A modulo schedule with the first interval, from the least possible one on, for which the budget suffices."""
    interval = max(loop.least, least_interval(loop))
    # With an interval this long, one iteration has ended before the next begins.
    serial = interval + int(loop.weight.sum() + loop.latency.sum() + loop.blocking.sum())
    tried = 0
    while loop.allows(interval) and interval <= serial:
        found = schedule_at(loop, interval, replacements=replacements)
        if found is not None:
            return found
        tried += 1
        interval = max(interval + 1, interval * (100 + tried) // 100)
    return None


def heights(loop: Loop, interval: int) -> Ints:
    """Priorities by the longest time from the start of each operation to that of any other (Rau's HeightR).

    Between equals, which results of latency 0 make frequent, sources come before targets.
    """
    tails = longest_tails(arrays_of(loop), interval)
    return tails * (len(loop) + 1) - topological_ranks(loop)


def topological_ranks(loop: Loop) -> Ints:
    """The place of each operation in an order in which edges of distance 0 lead onwards.

    Operations on or after a cycle of distance 0, which then takes no time, come last.
    """
    same = np.flatnonzero(loop.distance == 0)
    targets: list[list[int]] = [[] for _ in range(len(loop))]
    missing = np.bincount(loop.target[same], minlength=len(loop))
    for edge in same:
        targets[loop.source[edge]].append(int(loop.target[edge]))
    order = [int(operation) for operation in np.flatnonzero(missing == 0)]
    for operation in order:
        for target in targets[operation]:
            missing[target] -= 1
            if missing[target] == 0:
                order.append(target)
    ranks = np.full(len(loop), len(loop), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


@compiled
def longest_tails(arrays: LoopArrays, interval: int) -> Ints:
    """Longest paths from each operation over ``weight - interval * distance``, which has no positive cycle."""
    count = len(arrays.kind)
    tails = np.zeros(count, np.int64)
    changed = True
    while changed:
        changed = False
        for operation in range(count - 1, -1, -1):
            for index in range(arrays.outgoing_begin[operation], arrays.outgoing_begin[operation + 1]):
                edge = arrays.outgoing[index]
                reach = tails[arrays.target[edge]] + arrays.weight[edge] - interval * arrays.distance[edge]
                if reach > tails[operation]:
                    tails[operation] = reach
                    changed = True
    return tails


@compiled
def occupy(usage: Ints, kind: int, begin: int, blocking: int, amount: int) -> None:
    """Add ``amount`` to the slots that an operation occupies; ``usage`` has shape (resources, T)."""
    interval = usage.shape[1]
    for cycle in range(begin, begin + blocking):
        usage[kind, cycle % interval] += amount


@compiled
def fits(usage: Ints, units: Ints, kind: int, begin: int, blocking: int) -> bool:
    """Whether a unit is free in all slots that an operation would occupy."""
    limit = units[kind]
    if limit < 0:
        return True
    interval = usage.shape[1]
    turns, rest = blocking // interval, blocking % interval
    if turns > 0:
        for slot in range(interval):
            if usage[kind, slot] + turns > limit:
                return False
    room = True
    for cycle in range(begin, begin + rest):
        room = room and usage[kind, cycle % interval] + turns + 1 <= limit
    return room


@compiled
def _place_all(
    arrays: LoopArrays, interval: int, order: Ints, rank: Ints, wishes: Ints, budget: int, starts: Ints
) -> bool:
    """Place all operations into ``starts``; resources' members are in the order of their ranks."""
    count = len(arrays.kind)
    usage = np.zeros((len(arrays.units), interval), np.int64)
    placed = np.zeros(count, np.bool_)
    previous = np.full(count, -_FAR, np.int64)
    place = 0
    while place < count:
        operation = order[place]
        if placed[operation]:
            place += 1
            continue
        if budget == 0:
            return False
        budget -= 1
        earliest, latest = _window(arrays, interval, placed, starts, operation)
        wish = wishes[operation]
        if earliest == -_FAR:
            earliest = min(latest, max(wish, 0))
        if wish == -_FAR:
            wish = earliest
        begin = _free_cycle(arrays, usage, operation, earliest, latest, wish)
        if begin == -_FAR:
            begin = max(earliest, previous[operation] + 1)
            place = min(place, _take_out_of_units(arrays, usage, placed, starts, rank, operation, begin))
        starts[operation] = previous[operation] = begin
        placed[operation] = True
        occupy(usage, arrays.kind[operation], begin, arrays.blocking[operation], 1)
        place = min(place, _take_out_of_order(arrays, usage, placed, starts, rank, operation))
    return True


@compiled
def _window(arrays: LoopArrays, interval: int, placed: Mask, starts: Ints, operation: int) -> tuple[int, int]:
    """First and last cycle that the placed neighbours of an operation leave to it."""
    earliest, latest = -_FAR, _FAR
    for index in range(arrays.incoming_begin[operation], arrays.incoming_begin[operation + 1]):
        edge = arrays.incoming[index]
        source = arrays.source[edge]
        if placed[source] and source != operation:
            earliest = max(earliest, starts[source] + arrays.weight[edge] - interval * arrays.distance[edge])
    for index in range(arrays.outgoing_begin[operation], arrays.outgoing_begin[operation + 1]):
        edge = arrays.outgoing[index]
        target = arrays.target[edge]
        if placed[target] and target != operation:
            latest = min(latest, starts[target] - arrays.weight[edge] + interval * arrays.distance[edge])
    return earliest, latest


@compiled
def _free_cycle(arrays: LoopArrays, usage: Ints, operation: int, earliest: int, latest: int, wish: int) -> int:
    """The free cycle nearest to the wish, no later than the window's end if possible; none is ``-_FAR``."""
    interval = usage.shape[1]
    kind, blocking = arrays.kind[operation], arrays.blocking[operation]
    best, distance = -_FAR, _FAR
    first = max(earliest, min(wish - interval // 2, latest - interval + 1))
    for cycle in range(first, first + interval):
        if fits(usage, arrays.units, kind, cycle, blocking):
            away = abs(cycle - wish) + (interval if cycle > latest else 0)
            if away < distance:
                best, distance = cycle, away
    return best


@compiled
def _take_out_of_units(
    arrays: LoopArrays, usage: Ints, placed: Mask, starts: Ints, rank: Ints, operation: int, begin: int
) -> int:
    """Take out operations of the same resource, least urgent first, until this one fits.

    Returns:
        The least rank taken out.
    """
    kind, blocking = arrays.kind[operation], arrays.blocking[operation]
    first = len(rank)
    for index in range(arrays.members_begin[kind + 1] - 1, arrays.members_begin[kind] - 1, -1):
        other = arrays.members[index]
        if fits(usage, arrays.units, kind, begin, blocking):
            break
        if placed[other] and _meet(usage.shape[1], begin, starts[other], blocking):
            placed[other] = False
            occupy(usage, kind, starts[other], blocking, -1)
            first = rank[other]
    return first


@compiled
def _meet(interval: int, begin: int, other: int, blocking: int) -> bool:
    """Whether two operations that both take ``blocking`` cycles share a slot."""
    apart = (other - begin) % interval
    return apart < blocking or interval - apart < blocking


@compiled
def _take_out_of_order(
    arrays: LoopArrays, usage: Ints, placed: Mask, starts: Ints, rank: Ints, operation: int
) -> int:
    """Take out what depends on an operation, or what it depends on, and does not agree with its new start.

    Returns:
        The least rank taken out.
    """
    interval = usage.shape[1]
    first = len(rank)
    for side in range(2):
        begins, edges = (
            (arrays.outgoing_begin, arrays.outgoing) if side == 0 else (arrays.incoming_begin, arrays.incoming)
        )
        for index in range(begins[operation], begins[operation + 1]):
            edge = edges[index]
            source, target = arrays.source[edge], arrays.target[edge]
            other = target if side == 0 else source
            ready = starts[source] + arrays.weight[edge] - interval * arrays.distance[edge]
            if placed[other] and source != target and starts[target] < ready:
                placed[other] = False
                occupy(usage, arrays.kind[other], starts[other], arrays.blocking[other], -1)
                first = min(first, rank[other])
    return first
