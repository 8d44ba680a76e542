"""Every operation as late as possible, so that nothing waits that is not needed yet."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    names, latency, _, sources, targets, _, deadline = read_graph(input_file)
    order = topological_order(sources, targets)
    write_starts(solution_file, names, as_late_as_possible(latency, targets, order, deadline))


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
