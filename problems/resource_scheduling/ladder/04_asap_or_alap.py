"""Everything as early as possible or everything as late as possible, whichever needs less."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph, names, kinds, cycles, sources, targets = read_graph(input_file)
    order = topological_order(sources, targets)
    candidates = [earliest_starts(order, cycles, targets), latest_starts(graph, order, cycles, targets)]
    write_starts(solution_file, names, min(candidates, key=lambda starts: objective(graph, kinds, starts)))


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


def earliest_starts(order, cycles, targets):
    earliest = [0] * len(cycles)
    for node in order:
        for target in targets[node]:
            earliest[target] = max(earliest[target], earliest[node] + cycles[node])
    return earliest


def latest_starts(graph, order, cycles, targets):
    latest = [graph["deadline"] - delay for delay in cycles]
    for node in reversed(order):
        for target in targets[node]:
            latest[node] = min(latest[node], latest[target] - cycles[node])
    return latest


def objective(graph, kinds, starts):
    """The weighted number of units, from the begins and ends of the cycles in which units are held."""
    events = {kind: [] for kind in graph["weight"]}
    for kind, start in zip(kinds, starts, strict=True):
        events[kind] += [(start, 1), (start + graph["occupancy"][kind], -1)]
    total = 0
    for kind, changes in events.items():
        held = peak = 0
        for _, change in sorted(changes):
            held += change
            peak = max(peak, held)
        total += graph["weight"][kind] * peak
    return total
