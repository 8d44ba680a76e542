"""Annealing from the best one-pass schedule: one operation at a time, on the excess over a target below the peak.

The number of moves is fixed, so that every run gives the same and stays far inside the time limit.
"""

import heapq
import json
import math
import random
from pathlib import Path

MOVES = 120_000
"""Moves in all; large graphs get fewer, for reading them takes time too."""


def solve(input_file, solution_file):
    names, latency, bits, sources, targets, outputs, deadline = read_graph(input_file)
    order = topological_order(sources, targets)
    latest = as_late_as_possible(latency, targets, order, deadline)
    candidates = [
        lazy_list(latency, bits, sources, targets, outputs, latest),
        as_soon_as_possible(latency, targets, order),
    ]
    starts = min(candidates, key=lambda starts: max(live_bits(starts, latency, bits, targets, outputs, deadline)))
    write_starts(solution_file, names, anneal(starts, latency, bits, sources, targets, outputs, deadline))


def live_bits(starts, latency, bits, targets, outputs, deadline):
    change = [0] * (deadline + 2)
    for node, consumers in enumerate(targets):
        if node in outputs or consumers:
            last = deadline if node in outputs else max(starts[target] for target in consumers)
            change[starts[node] + latency[node]] += bits[node]
            change[last + 1] -= bits[node]
    profile, total = [], 0
    for step in range(deadline + 1):
        total += change[step]
        profile.append(total)
    return profile


def anneal(starts, latency, bits, sources, targets, outputs, deadline):
    generator = random.Random(1)
    profile = live_bits(starts, latency, bits, targets, outputs, deadline)
    best_peak, best = max(profile), list(starts)
    target = min(int(0.97 * best_peak), best_peak - 1)
    mean = max(1.0, sum(bits) / max(1, len(bits)))
    moves = MOVES if len(starts) < 20_000 else MOVES // 3
    temperature = 20.0 * mean * mean
    cooling = 0.01 ** (1.0 / moves)
    for move in range(1, moves + 1):
        temperature *= cooling
        node = generator.randrange(len(starts))
        low = max((starts[source] + latency[source] for source in sources[node]), default=0)
        high = min((starts[user] for user in targets[node]), default=deadline) - latency[node]
        if low < high:
            start = generator.choice((low, high, generator.randint(low, high)))
            if start != starts[node]:
                ranges = moved_ranges(node, start, starts, latency, bits, sources, targets, outputs)
                change = sum(
                    square(profile[step] + width - target) - square(profile[step] - target)
                    for width, begin, end in ranges
                    for step in range(begin, end)
                )
                if change <= 0 or generator.random() < math.exp(-change / temperature):
                    for width, begin, end in ranges:
                        for step in range(begin, end):
                            profile[step] += width
                    starts[node] = start
        if (move % 500 == 0 or move == moves) and max(profile) < best_peak:
            best_peak, best = max(profile), list(starts)
            target = min(int(0.97 * best_peak), best_peak - 1)
    return best


def moved_ranges(node, start, starts, latency, bits, sources, targets, outputs):
    """(bits, first step, step after the last) of what a new start adds to the profile."""
    old = starts[node]
    ranges = []
    if node in outputs or targets[node]:
        ready, now = old + latency[node], start + latency[node]
        ranges.append((bits[node], now, ready) if now < ready else (-bits[node], ready, now))
    for source in sources[node]:
        if source not in outputs:
            others = max((starts[user] for user in targets[source] if user != node), default=-1)
            ready = starts[source] + latency[source]
            last, now = max(others, old, ready - 1), max(others, start, ready - 1)
            if now != last:
                ranges.append(
                    (bits[source], last + 1, now + 1) if now > last else (-bits[source], now + 1, last + 1)
                )
    return ranges


def square(excess):
    return excess * excess if excess > 0 else 0


def read_graph(input_file):
    graph = json.loads(Path(input_file).read_text())
    names = [node for node, _, _ in graph["nodes"]]
    index = {name: number for number, name in enumerate(names)}
    latency = [steps for _, steps, _ in graph["nodes"]]
    bits = [width for _, _, width in graph["nodes"]]
    sources = [[] for _ in names]
    targets = [[] for _ in names]
    for source, target in graph["edges"]:
        sources[index[target]].append(index[source])
        targets[index[source]].append(index[target])
    outputs = {index[name] for name in graph["outputs"]}
    return names, latency, bits, sources, targets, outputs, graph["deadline"]


def topological_order(sources, targets):
    missing = [len(nodes) for nodes in sources]
    order = [node for node, count in enumerate(missing) if not count]
    for node in order:
        for target in targets[node]:
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    return order


def write_starts(solution_file, names, starts):
    Path(solution_file).write_text("".join(f"{name}:{start}\n" for name, start in zip(names, starts, strict=True)))


def as_late_as_possible(latency, targets, order, deadline):
    starts = [deadline - steps for steps in latency]
    for node in reversed(order):
        for target in targets[node]:
            starts[node] = min(starts[node], starts[target] - latency[node])
    return starts


def as_soon_as_possible(latency, targets, order):
    starts = [0] * len(latency)
    for node in order:
        for target in targets[node]:
            starts[target] = max(starts[target], starts[node] + latency[node])
    return starts


def lazy_list(latency, bits, sources, targets, outputs, latest):
    """Due operations, then ready ones whose start frees at least as many bits as it needs, most freed first."""
    users = [len(nodes) + (node in outputs) for node, nodes in enumerate(targets)]
    missing = [len(nodes) for nodes in sources]
    ready = [0] * len(latency)
    starts = [-1] * len(latency)
    pending = [(0, node) for node, count in enumerate(missing) if not count]
    by_latest = sorted(range(len(latency)), key=latest.__getitem__)
    due = step = placed = 0
    available = []

    def need(node):
        return bits[node] * (users[node] > 0) - sum(bits[source] for source in sources[node] if users[source] == 1)

    opened = [False] * len(latency)
    while placed < len(latency):
        while pending and pending[0][0] <= step:
            _, node = heapq.heappop(pending)
            opened[node] = True
            heapq.heappush(available, (need(node), node))
        while due < len(latency) and starts[by_latest[due]] >= 0:
            due += 1
        if due < len(latency) and latest[by_latest[due]] == step:
            node = by_latest[due]
        elif available and available[0][0] <= 0:
            node = heapq.heappop(available)[1]
            if starts[node] >= 0:
                continue
        else:
            step += 1
            continue
        starts[node] = step
        placed += 1
        for source in sources[node]:
            users[source] -= 1
            if users[source] == 1:
                for other in targets[source]:
                    if opened[other] and starts[other] < 0:
                        heapq.heappush(available, (need(other), other))
        for target in targets[node]:
            ready[target] = max(ready[target], step + latency[node])
            missing[target] -= 1
            if not missing[target]:
                heapq.heappush(pending, (ready[target], target))
    return starts
