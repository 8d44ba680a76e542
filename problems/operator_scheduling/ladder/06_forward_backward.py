"""Several priorities, forward-backward passes, and passes from disturbed ranks, a fixed number of each.

The number of passes shrinks with the graph, so that large graphs stay far inside the time limit.
"""

import heapq
import json
import random
from pathlib import Path

WORK = 250_000
"""Operations scheduled in all, which bounds the time."""


def solve(input_file, solution_file):
    names, kinds, cycles, sources, targets, units = read_graph(input_file)
    tails = longest_paths(cycles, sources, targets)
    heads = longest_paths(cycles, targets, sources)
    passes = min(400, WORK // len(kinds))

    def schedule(rank, forward):
        before, after = (sources, targets) if forward else (targets, sources)
        starts = list_schedule(kinds, cycles, before, after, units, rank)
        latency = max(start + delay for start, delay in zip(starts, cycles, strict=True))
        finishes = [start + delay for start, delay in zip(starts, cycles, strict=True)]
        return latency, starts if forward else [latency - finish for finish in finishes]

    def late_first(starts, forward):
        """Ranks for the turned direction: what is last in one is first in the other."""
        if forward:
            return [-start - delay for start, delay in zip(starts, cycles, strict=True)]
        return starts

    generator = random.Random(1)
    firsts = [
        [-tail for tail in tails],
        [-tail - len(nodes) for tail, nodes in zip(tails, targets, strict=True)],
        [head - delay - tail for head, tail, delay in zip(heads, tails, cycles, strict=True)],
    ]
    best = schedule(firsts[0], True)
    spent = 1
    while spent < passes:
        if firsts:
            rank = firsts.pop()
        else:
            strength = best[0] * generator.choice((0.02, 0.05, 0.15))
            rank = [start + generator.uniform(0, strength) for start in best[1]]
        current = schedule(rank, True)
        spent += 1
        for forward in (False, True, False, True):
            best = min(best, current, key=lambda pair: pair[0])
            if spent >= passes:
                break
            current = schedule(late_first(current[1], not forward), forward)
            spent += 1
        best = min(best, current, key=lambda pair: pair[0])
    write_starts(solution_file, names, best[1])


def read_graph(input_file):
    graph = json.loads(Path(input_file).read_text())
    index = {node: number for number, (node, _) in enumerate(graph["nodes"])}
    kinds = [kind for _, kind in graph["nodes"]]
    cycles = [graph["delay"][kind] for kind in kinds]
    sources = [[] for _ in kinds]
    targets = [[] for _ in kinds]
    for source, target, _ in graph["edges"]:
        sources[index[target]].append(index[source])
        targets[index[source]].append(index[target])
    return list(index), kinds, cycles, sources, targets, graph["resource"]


def write_starts(solution_file, names, starts):
    Path(solution_file).write_text("".join(f"{name}:{start}\n" for name, start in zip(names, starts, strict=True)))


def list_schedule(kinds, cycles, sources, targets, units, rank):
    missing = [len(nodes) for nodes in sources]
    ready = {kind: [] for kind in units}
    for node, count in enumerate(missing):
        if not count:
            heapq.heappush(ready[kinds[node]], (rank[node], node))
    free = dict(units)
    starts = [0] * len(kinds)
    running = []
    now = 0
    while True:
        for kind, queue in ready.items():
            while queue and free[kind]:
                _, node = heapq.heappop(queue)
                free[kind] -= 1
                starts[node] = now
                heapq.heappush(running, (now + cycles[node], node))
        if not running:
            return starts
        now = running[0][0]
        while running and running[0][0] == now:
            _, node = heapq.heappop(running)
            free[kinds[node]] += 1
            for target in targets[node]:
                missing[target] -= 1
                if not missing[target]:
                    heapq.heappush(ready[kinds[target]], (rank[target], target))


def longest_paths(cycles, sources, targets):
    missing = [len(nodes) for nodes in sources]
    order = [node for node, count in enumerate(missing) if not count]
    for node in order:
        for target in targets[node]:
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    tails = list(cycles)
    for node in reversed(order):
        tails[node] += max((tails[target] for target in targets[node]), default=0)
    return tails
