"""Annealing from a list schedule: operations move between their neighbours so that squares of held units shrink.

A fixed number of moves, which takes a few seconds.
"""

import heapq
import json
import math
import random
from collections import Counter, defaultdict
from pathlib import Path

MOVES = 400_000


def solve(input_file, solution_file):
    graph, names, kinds, cycles, sources, targets = read_graph(input_file)
    latest = latest_starts(graph, topological_order(sources, targets), cycles, targets)
    first, _ = list_schedule(graph, kinds, cycles, sources, targets, latest, work(graph, kinds))
    annealed = anneal(graph, kinds, cycles, sources, targets, first)
    write_starts(solution_file, names, min(first, annealed, key=lambda starts: objective(graph, kinds, starts)))


def anneal(graph, kinds, cycles, sources, targets, starts):
    generator = random.Random(1)
    starts = list(starts)
    deadline, occupancy, weight = graph["deadline"], graph["occupancy"], graph["weight"]
    use = {kind: [0] * deadline for kind in occupancy}
    for kind, start in zip(kinds, starts, strict=True):
        for cycle in range(start, start + occupancy[kind]):
            use[kind][cycle] += 1
    mean = sum(weight[kind] * sum(row) for kind, row in use.items()) / len(use) / deadline
    for step in range(MOVES):
        node = generator.randrange(len(starts))
        low = max((starts[source] + cycles[source] for source in sources[node]), default=0)
        high = min((starts[target] for target in targets[node]), default=deadline) - cycles[node]
        if low == high:
            continue
        before, after = starts[node], low + int(generator.random() * (high - low + 1))
        row, held = use[kinds[node]], occupancy[kinds[node]]
        leave = [cycle for cycle in range(before, before + held) if not after <= cycle < after + held]
        enter = [cycle for cycle in range(after, after + held) if not before <= cycle < before + held]
        change = sum(row[cycle] + 1 for cycle in enter) - sum(row[cycle] for cycle in leave)
        temperature = mean * 0.01 ** (step / MOVES)
        if change > 0 and generator.random() >= math.exp(-2 * weight[kinds[node]] * change / temperature):
            continue
        starts[node] = after
        for cycle in leave:
            row[cycle] -= 1
        for cycle in enter:
            row[cycle] += 1
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
