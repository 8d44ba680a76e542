"""List scheduling with the units of one type after the other, heaviest first, found by binary search."""

import heapq
import json
from collections import Counter, defaultdict
from pathlib import Path


def solve(input_file, solution_file):
    graph, names, kinds, cycles, sources, targets = read_graph(input_file)
    latest = latest_starts(graph, topological_order(sources, targets), cycles, targets)

    def attempt(units):
        starts, needed = list_schedule(graph, kinds, cycles, sources, targets, latest, units)
        return sum(graph["weight"][kind] * count for kind, count in needed.items()), starts, needed

    least = work(graph, kinds)
    best = attempt(least)
    for kind in sorted(least, key=lambda kind: -graph["weight"][kind] * best[2][kind]):
        low, high = least[kind], best[2][kind]
        while low < high:
            middle = (low + high) // 2
            found = attempt({**best[2], kind: middle})
            if found[0] < best[0]:
                best = found
                high = min(middle, found[2][kind])
            else:
                low = middle + 1
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


def latest_starts(graph, order, cycles, targets):
    latest = [graph["deadline"] - delay for delay in cycles]
    for node in reversed(order):
        for target in targets[node]:
            latest[node] = min(latest[node], latest[target] - cycles[node])
    return latest


def list_schedule(graph, kinds, cycles, sources, targets, latest, units):
    """Each cycle: what cannot wait starts, whatever it takes; then what is most urgent, while units are free."""
    missing = [len(nodes) for nodes in sources]
    units = dict(units)
    arriving = defaultdict(list)
    arriving[0] = [node for node, count in enumerate(missing) if not count]
    ready = {kind: [] for kind in units}
    releases = {kind: defaultdict(int) for kind in units}
    held = dict.fromkeys(units, 0)
    starts = [0] * len(kinds)
    begins = [0] * len(kinds)
    for cycle in range(graph["deadline"]):
        for node in arriving.pop(cycle, ()):
            heapq.heappush(ready[kinds[node]], (latest[node], node))
        for kind, queue in ready.items():
            held[kind] -= releases[kind].pop(cycle, 0)
            while queue and (queue[0][0] <= cycle or held[kind] < units[kind]):
                _, node = heapq.heappop(queue)
                starts[node] = cycle
                held[kind] += 1
                units[kind] = max(units[kind], held[kind])
                releases[kind][cycle + graph["occupancy"][kind]] += 1
                finish = cycle + cycles[node]
                for target in targets[node]:
                    begins[target] = max(begins[target], finish)
                    missing[target] -= 1
                    if not missing[target]:
                        arriving[begins[target]].append(target)
    return starts, units


def work(graph, kinds):
    """Units that the work of each type would need, were it spread evenly over all cycles."""
    count = Counter(kinds)
    held = {kind: count[kind] * cycles for kind, cycles in graph["occupancy"].items()}
    return {kind: max(1, -(-cycles // graph["deadline"])) for kind, cycles in held.items()}
