"""One operation after the other, which takes one unit of each type and misses the deadline."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    _, names, _, cycles, sources, targets = read_graph(input_file)
    starts = [0] * len(names)
    cycle = 0
    for node in topological_order(sources, targets):
        starts[node] = cycle
        cycle += cycles[node]
    write_starts(solution_file, names, starts)


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
    return graph, list(index), kinds, cycles, sources, targets


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
