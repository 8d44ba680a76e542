"""One pass over the nodes: each takes the cheapest strategy that leaves room for the rest."""

import numpy as np

from heurigym.experts.sharding.arrays import Arrays, Integers
from heurigym.experts.sharding.profile import add, empty_profile, most
from heurigym.experts.sharding.program import Program


def greedy(program: Program) -> list[int]:
    """In the order of the nodes, the strategy of least cost with the neighbours before it that fits.

    Room is kept for the least memory of every node, so that the pass never fails where anything fits.
    """
    limit, all_usages = program.counted()
    times = sorted({time for interval in program.intervals for time in interval})
    place = {time: index for index, time in enumerate(times)}
    load, top, lift = empty_profile(len(times))
    least = [min(usages) for usages in all_usages]
    for (begin, end), usage in zip(program.intervals, least, strict=True):
        add(load, top, lift, place[begin], place[end], usage)
    before: list[list[tuple[int, int]]] = [[] for _ in program.costs]
    for edge, (tail, head) in enumerate(program.pairs):
        before[max(tail, head)].append((min(tail, head), edge))
    chosen: list[int] = []
    for node, (costs, usages) in enumerate(zip(program.costs, all_usages, strict=True)):
        total = list(costs)
        for other, edge in before[node]:
            tail, head = program.pairs[edge]
            width = len(program.costs[head])
            for index in range(len(costs)):
                pair = (
                    (index, index)
                    if tail == head
                    else ((index, chosen[other]) if tail == node else (chosen[other], index))
                )
                total[index] += program.tables[edge][pair[0] * width + pair[1]]
        begin, end = (place[time] for time in program.intervals[node])
        room = None
        if limit is not None and begin < end:
            room = limit - most(load, top, lift, begin, end) + least[node]
        index = min(
            (index for index in range(len(costs)) if room is None or usages[index] <= max(room, least[node])),
            key=total.__getitem__,
        )
        chosen.append(index)
        add(load, top, lift, begin, end, usages[index] - least[node])
    return chosen


def frugal(arrays: Arrays) -> Integers:
    """For each node the strategy of least memory times time, of those the cheapest."""
    chosen = np.zeros(len(arrays.first) - 1, np.int64)
    for node in range(len(chosen)):
        first, last = int(arrays.first[node]), int(arrays.first[node + 1])
        if last - first > 1:
            rent = np.zeros(last - first)
            for item in range(int(arrays.item[node]), int(arrays.item[node + 1])):
                held = int(arrays.held[item])
                points = float(arrays.end[item] - arrays.begin[item])
                rent += points * arrays.usage[held : held + last - first]
            chosen[node] = np.lexsort((arrays.cost[first:last], rent))[0]
    return chosen
