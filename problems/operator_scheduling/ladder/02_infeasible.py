"""Starts every operation as soon as its inputs are ready and forgets that units are few."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    cycles = {node: graph["delay"][kind] for node, kind in graph["nodes"]}
    targets = {node: [] for node in cycles}
    missing = dict.fromkeys(cycles, 0)
    for source, target, _ in graph["edges"]:
        targets[source].append(target)
        missing[target] += 1
    start = dict.fromkeys(cycles, 0)
    ready = [node for node in cycles if not missing[node]]
    for node in ready:
        for target in targets[node]:
            start[target] = max(start[target], start[node] + cycles[node])
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    Path(solution_file).write_text("".join(f"{node}:{cycle}\n" for node, cycle in start.items()))
