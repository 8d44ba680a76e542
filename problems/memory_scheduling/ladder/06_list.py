"""List scheduling in one pass: nothing starts before it must, unless its start frees bits at once."""

import heapq
import json
from pathlib import Path


def solve(input_file, solution_file):
    names, latency, bits, sources, targets, outputs, deadline = read_graph(input_file)
    order = topological_order(sources, targets)
    latest = as_late_as_possible(latency, targets, order, deadline)
    write_starts(solution_file, names, lazy_list(latency, bits, sources, targets, outputs, latest))


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
