"""Every operation as soon as possible."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    names, latency, _, sources, targets, _, _ = read_graph(input_file)
    order = topological_order(sources, targets)
    write_starts(solution_file, names, as_soon_as_possible(latency, targets, order))


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


def as_soon_as_possible(latency, targets, order):
    starts = [0] * len(latency)
    for node in order:
        for target in targets[node]:
            starts[target] = max(starts[target], starts[node] + latency[node])
    return starts
