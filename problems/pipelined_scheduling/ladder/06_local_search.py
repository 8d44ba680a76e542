"""Iterative modulo scheduling, then operations are moved one by one to where the values around them live shortest.

The number of moves is fixed and shrinks with the loop, so that large loops stay inside the time limit.
"""

import heapq
import json
import random
from pathlib import Path

REPLACEMENTS = 12
WORK = 60_000
"""Moves proposed in all, which bounds the time."""


def solve(input_file, solution_file):
    names, kinds, bits, edges, resources, allowed = read_loop(input_file)
    for interval in intervals(allowed):
        rank = heights(len(names), edges, interval)
        starts = place_all(kinds, edges, resources, interval, rank, (1 + REPLACEMENTS) * len(names))
        if starts is not None:
            starts = shortened(kinds, bits, edges, resources, interval, starts)
            write_schedule(solution_file, names, interval, starts)
            return


def shortened(kinds, bits, edges, resources, interval, starts):
    """Moves within the window that the neighbours leave, unless they make lifetimes longer."""
    incoming, outgoing, readers = [[] for _ in kinds], [[] for _ in kinds], [[] for _ in kinds]
    for source, target, weight, distance, data in edges:
        if data:
            readers[source].append((target, distance * interval))
        if source != target:
            incoming[target].append((source, weight - distance * interval, data))
            outgoing[source].append((target, weight - distance * interval))
    usage = {kind: [0] * interval for kind in resources}

    def occupy(node, begin, amount):
        for cycle in range(begin, begin + resources[kinds[node]]["blocking"]):
            usage[kinds[node]][cycle % interval] += amount

    def fits(node, begin):
        units = resources[kinds[node]]["units"]
        occupy(node, begin, 1)
        blocking = resources[kinds[node]]["blocking"]
        room = units is None or all(
            usage[kinds[node]][cycle % interval] <= units for cycle in range(begin, begin + blocking)
        )
        occupy(node, begin, -1)
        return room

    def last_read(node):
        return max((starts[other] + later for other, later in readers[node]), default=None)

    def life(node):
        last = last_read(node)
        return 0 if last is None else bits[node] * max(0, last - starts[node])

    for node, begin in enumerate(starts):
        occupy(node, begin, 1)
    generator = random.Random(1)
    for _ in range(WORK if kinds else 0):
        node = generator.randrange(len(kinds))
        old = starts[node]
        earliest = max([starts[other] + gap for other, gap, _ in incoming[node]], default=old - interval)
        latest = min([starts[other] - gap for other, gap in outgoing[node]], default=old + interval)
        if earliest >= latest:
            continue
        begin = generator.choice((earliest, latest, generator.randint(earliest, latest)))
        if begin == old:
            continue
        occupy(node, old, -1)
        if not fits(node, begin):
            occupy(node, old, 1)
            continue
        around = {other for other, _, data in incoming[node] if data} | {node}
        before = sum(map(life, around))
        starts[node] = begin
        if sum(map(life, around)) > before:
            starts[node] = begin = old
        occupy(node, begin, 1)
    return starts


def place_all(kinds, edges, resources, interval, rank, budget):
    """Iterative modulo scheduling: operations by rank; what is in the way of one without a place is taken out."""
    count = len(kinds)
    incoming, outgoing = [[] for _ in kinds], [[] for _ in kinds]
    for source, target, weight, distance, _ in edges:
        if source != target:
            incoming[target].append((source, weight - distance * interval))
            outgoing[source].append((target, weight - distance * interval))
    holders = {kind: [set() for _ in range(interval)] for kind in resources}
    starts, last = [None] * count, [None] * count

    def slots(node, begin):
        return [(begin + cycle) % interval for cycle in range(resources[kinds[node]]["blocking"])]

    def free(node, begin):
        units = resources[kinds[node]]["units"]
        blocking = resources[kinds[node]]["blocking"]
        if units is None or blocking == 0:
            return True
        rows = holders[kinds[node]]
        need = -(-blocking // interval)
        if need == 1:
            return all(len(rows[slot]) < units for slot in slots(node, begin))
        return all(sum(-(-blocking // interval) for _ in rows[slot]) + need <= units for slot in range(interval))

    def take_out(node):
        for slot in slots(node, starts[node]):
            holders[kinds[node]][slot].discard(node)
        starts[node] = None
        heapq.heappush(queue, (rank[node], node))

    queue = [(rank[node], node) for node in range(count)]
    heapq.heapify(queue)
    while queue:
        _, node = heapq.heappop(queue)
        if starts[node] is not None:
            continue
        if budget == 0:
            return None
        budget -= 1
        ready = [starts[other] + gap for other, gap in incoming[node] if starts[other] is not None]
        due = [starts[other] - gap for other, gap in outgoing[node] if starts[other] is not None]
        earliest = max(ready, default=min([0, *due]))
        cycles = range(earliest, earliest + interval)
        begin = next((cycle for cycle in cycles if free(node, cycle)), None)
        if begin is None:
            begin = earliest if last[node] is None else max(earliest, last[node] + 1)
            for slot in slots(node, begin):
                others = sorted(holders[kinds[node]][slot], key=lambda other: rank[other], reverse=True)
                for other in others:
                    if free(node, begin):
                        break
                    take_out(other)
        starts[node] = last[node] = begin
        for slot in slots(node, begin):
            holders[kinds[node]][slot].add(node)
        for other, gap in outgoing[node]:
            if starts[other] is not None and starts[other] < begin + gap:
                take_out(other)
        for other, gap in incoming[node]:
            if starts[other] is not None and begin < starts[other] + gap:
                take_out(other)
    return starts


def intervals(allowed):
    """Intervals to try, from the least on in growing steps."""
    interval, tried = allowed["least"], 0
    while allowed["most"] is None or interval <= allowed["most"]:
        yield interval
        tried += 1
        interval = max(interval + 1, interval * (100 + tried) // 100)


def heights(count, edges, interval):
    """Ranks by the longest path to any end, longest first; between equals sources come before targets."""
    tails = [0] * count
    rows = [(source, target, weight - distance * interval) for source, target, weight, distance, _ in edges]
    changed = True
    while changed:
        changed = False
        for source, target, gap in reversed(rows):
            if tails[target] + gap > tails[source]:
                tails[source] = tails[target] + gap
                changed = True
    missing = [0] * count
    targets = [[] for _ in range(count)]
    for source, target, _, distance, _ in edges:
        if distance == 0:
            targets[source].append(target)
            missing[target] += 1
    order = [node for node in range(count) if not missing[node]]
    for node in order:
        for target in targets[node]:
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    place = {node: number for number, node in enumerate(order)}
    return [(-tails[node], place.get(node, count)) for node in range(count)]


def read_loop(input_file):
    loop = json.loads(Path(input_file).read_text())
    resources = loop["resources"]
    names = [name for name, _, _ in loop["operations"]]
    place = {name: number for number, name in enumerate(names)}
    kinds = [kind for _, kind, _ in loop["operations"]]
    bits = [width for _, _, width in loop["operations"]]
    edges = [
        (place[a], place[b], resources[kinds[place[a]]]["latency"] + delay, distance, role == "data")
        for a, b, delay, distance, role in loop["edges"]
    ]
    return names, kinds, bits, edges, resources, loop["interval"]


def write_schedule(solution_file, names, interval, starts):
    first = min(starts, default=0)
    lines = "".join(f"{name}:{start - first}\n" for name, start in zip(names, starts, strict=True))
    Path(solution_file).write_text(f"interval:{interval}\n" + lines)
