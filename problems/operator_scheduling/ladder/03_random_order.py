"""Serial scheduling: operations in a random topological order, each at the earliest cycle with a free unit."""

import json
import random
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    kind_of = dict(map(tuple, graph["nodes"]))
    sources = {node: [] for node in kind_of}
    targets = {node: [] for node in kind_of}
    for source, target, _ in graph["edges"]:
        sources[target].append(source)
        targets[source].append(target)
    used = {kind: {} for kind in graph["delay"]}
    full_until = {kind: {} for kind in graph["delay"]}
    start = {}
    for node in random_order(sources, targets):
        kind = kind_of[node]
        delay = graph["delay"][kind]
        ready = max((start[source] + graph["delay"][kind_of[source]] for source in sources[node]), default=0)
        start[node] = place(used[kind], full_until[kind], ready, delay, graph["resource"][kind])
    Path(solution_file).write_text("".join(f"{node}:{cycle}\n" for node, cycle in start.items()))


def random_order(sources, targets):
    generator = random.Random(1)
    missing = {node: len(names) for node, names in sources.items()}
    ready = [node for node, count in missing.items() if not count]
    while ready:
        index = generator.randrange(len(ready))
        ready[index], ready[-1] = ready[-1], ready[index]
        node = ready.pop()
        yield node
        for target in targets[node]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)


def place(used, full_until, ready, delay, units):
    begin = cycle = free_from(full_until, ready)
    while cycle < begin + delay:
        free = free_from(full_until, cycle)
        if free != cycle:
            begin = free
        cycle = free if free != cycle else cycle + 1
    for cycle in range(begin, begin + delay):
        used[cycle] = used.get(cycle, 0) + 1
        if used[cycle] == units:
            full_until[cycle] = cycle + 1
    return begin


def free_from(full_until, cycle):
    path = []
    while cycle in full_until:
        path.append(cycle)
        cycle = full_until[cycle]
    for full in path:
        full_until[full] = cycle
    return cycle
