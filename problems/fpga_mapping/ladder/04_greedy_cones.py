"""Grows the cone of each LUT greedily: swallows gates that nothing else reads while the leaves are few enough."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    k, first = graph["k"], graph["inputs"] + 1
    fanins = [()] * first + [(left >> 1, right >> 1) for left, right in graph["gates"]]
    readers = [0] * len(fanins)
    for pair in fanins:
        for node in pair:
            readers[node] += 1
    outputs = {literal >> 1 for literal in graph["outputs"] if literal >> 1 >= first}
    for node in outputs:
        readers[node] += 1
    lines = []
    needed, waiting = set(outputs), list(outputs)
    while waiting:
        root = waiting.pop()
        leaves = set(fanins[root])
        grown = True
        while grown:
            grown = False
            for leaf in sorted(leaves, reverse=True):
                larger = (leaves - {leaf}) | set(fanins[leaf])
                if leaf >= first and readers[leaf] == 1 and len(larger) <= k:
                    leaves = larger
                    grown = True
                    break
        lines.append(f"{root} {' '.join(map(str, sorted(leaves)))}\n")
        for leaf in leaves:
            if leaf >= first and leaf not in needed:
                needed.add(leaf)
                waiting.append(leaf)
    Path(solution_file).write_text("".join(lines))
