"""List scheduling in the order of the ASAP starts: what could begin first does."""

import heapq
import json
from pathlib import Path


def solve(input_file, solution_file):
    names, kinds, cycles, sources, targets, units = read_graph(input_file)
    rank = asap(cycles, sources, targets)
    write_starts(solution_file, names, list_schedule(kinds, cycles, sources, targets, units, rank))


def asap(cycles, sources, targets):
    missing = [len(nodes) for nodes in sources]
    starts = [0] * len(cycles)
    order = [node for node, count in enumerate(missing) if not count]
    for node in order:
        for target in targets[node]:
            starts[target] = max(starts[target], starts[node] + cycles[node])
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    return starts


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
