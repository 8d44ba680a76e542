"""Labels each gate with the least depth of a cut of it, as FlowMap does, but from a few cuts instead of a flow."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    k, first = graph["k"], graph["inputs"] + 1
    limit = 8 if len(graph["gates"]) < 10_000 else 4 if len(graph["gates"]) < 60_000 else 1
    label = [0] * first
    cuts = [(frozenset([node]),) for node in range(first)]
    for index, (left, right) in enumerate(graph["gates"]):
        node = first + index
        found = {}
        for one in cuts[left >> 1]:
            for other in cuts[right >> 1]:
                cut = one | other
                if len(cut) <= k and cut not in found:
                    found[cut] = (1 + max([label[leaf] for leaf in cut]), len(cut))
        best = sorted(found, key=found.__getitem__)[:limit]
        label.append(found[best[0]][0])
        cuts.append((*best, frozenset([node])))
    needed = sorted({literal >> 1 for literal in graph["outputs"] if literal >> 1 >= first})
    seen, lines = set(needed), []
    while needed:
        root = needed.pop()
        leaves = cuts[root][0]
        lines.append(f"{root} {' '.join(map(str, sorted(leaves)))}\n")
        for leaf in leaves:
            if leaf >= first and leaf not in seen:
                seen.add(leaf)
                needed.append(leaf)
    Path(solution_file).write_text("".join(lines))
