"""Priority cuts ranked by area flow among those in time, then exact area; grown cones on huge graphs."""

import json
from pathlib import Path

LATE = 1 << 30


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    first = graph["inputs"] + 1
    fanins = [()] * first + [(left >> 1, right >> 1) for left, right in graph["gates"]]
    outputs = sorted({literal >> 1 for literal in graph["outputs"] if literal >> 1 >= first})
    gates = len(graph["gates"])
    limit = 10 if gates < 10_000 else 4 if gates < 60_000 else 2
    readers = [1] * len(fanins)
    for pair in fanins[first:]:
        for node in pair:
            readers[node] += 1
    if gates > 400_000 and graph["max_depth"] is None:
        write(grow_cones(fanins, first, graph["k"], outputs, readers), solution_file)
        return
    cuts, label = enumerate_cuts(fanins, first, graph["k"], limit, readers)
    bound = graph["max_depth"] or LATE
    choice = [min(ranked, key=lambda cut: depth(cut, label)) if ranked else None for ranked in cuts]
    uses = count_uses(choice, outputs, first, len(fanins))
    if bound == LATE:
        cheap = [ranked[0] if ranked else None for ranked in cuts]
        cheap_uses = count_uses(cheap, outputs, first, len(fanins))
        if area(cheap_uses, first) < area(uses, first):
            choice, uses = cheap, cheap_uses
    for _ in range(3 if gates < 10_000 else 1 if gates < 60_000 else 0):
        required = due(choice, uses, outputs, first, bound)
        recover_area(cuts, choice, uses, required, first)
    write({root: choice[root] for root in range(first, len(fanins)) if uses[root]}, solution_file)


def write(cover, solution_file):
    lines = [f"{root} {' '.join(map(str, sorted(leaves)))}\n" for root, leaves in cover.items()]
    Path(solution_file).write_text("".join(lines))


def grow_cones(fanins, first, k, outputs, readers):
    """LUTs that swallow gates that nothing else reads, the last ones first, while the leaves are few enough."""
    cover, waiting = {}, list(outputs)
    while waiting:
        root = waiting.pop()
        if root in cover:
            continue
        leaves, kept = set(fanins[root]), set()
        while leaves - kept:
            leaf = max(leaves - kept)
            larger = (leaves - {leaf}) | set(fanins[leaf])
            if leaf >= first and readers[leaf] == 2 and len(larger) <= k:
                leaves = larger
            else:
                kept.add(leaf)
        cover[root] = leaves
        waiting += [leaf for leaf in leaves if leaf >= first]
    return cover


def depth(cut, label):
    return 1 + max([label[leaf] for leaf in cut])


def enumerate_cuts(fanins, first, k, limit, readers):
    """Half of each gate's cuts are its best by depth, the others its best by area flow."""
    label, flow = [0] * len(fanins), [0.0] * len(fanins)
    cuts = [()] * first
    alone = [(frozenset([node]),) for node in range(len(fanins))]
    for node in range(first, len(fanins)):
        left, right = fanins[node]
        found = {}
        for one in cuts[left] + alone[left]:
            for other in cuts[right] + alone[right]:
                cut = one | other
                if len(cut) <= k and cut not in found:
                    found[cut] = (1.0 + sum([flow[leaf] for leaf in cut]), depth(cut, label))
        by_area = sorted(found, key=found.__getitem__)
        kept = [by_area[0]]
        by_depth = sorted(found, key=lambda cut: (found[cut][1], len(cut)))
        kept += [cut for cut in by_depth[: limit // 2] if cut not in kept]
        kept += [cut for cut in by_area[1:limit] if cut not in kept][: limit - len(kept)]
        cuts.append(tuple(kept))
        flow[node] = found[kept[0]][0] / readers[node]
        label[node] = min([found[cut][1] for cut in kept])
    return cuts, label


def count_uses(choice, outputs, first, nodes):
    uses = [0] * nodes
    for output in outputs:
        uses[output] += 1
    for node in range(nodes - 1, first - 1, -1):
        if uses[node]:
            for leaf in choice[node]:
                uses[leaf] += 1
    return uses


def area(uses, first):
    return sum(1 for count in uses[first:] if count)


def due(choice, uses, outputs, first, bound):
    required = [LATE] * len(uses)
    if bound < LATE:
        for output in outputs:
            required[output] = bound
        for node in range(len(uses) - 1, first - 1, -1):
            if uses[node]:
                for leaf in choice[node]:
                    required[leaf] = min(required[leaf], required[node] - 1)
    return required


def recover_area(cuts, choice, uses, required, first):
    arrival = [0] * len(uses)
    for node in range(first, len(uses)):
        if not uses[node]:
            arrival[node] = depth(choice[node], arrival)
            continue
        change_uses(node, choice, uses, first, -1)
        best = None
        for cut in cuts[node]:
            late = max(0, depth(cut, arrival) - required[node])
            choice[node] = cut
            area = change_uses(node, choice, uses, first, 1)
            change_uses(node, choice, uses, first, -1)
            if best is None or (late, area, len(cut)) < best[0]:
                best = ((late, area, len(cut)), cut)
        choice[node] = best[1]
        arrival[node] = depth(best[1], arrival)
        change_uses(node, choice, uses, first, 1)


def change_uses(node, choice, uses, first, change):
    """Use a LUT's leaves (change 1) or stop using them (change -1), down the graph; the LUTs that come or go."""
    area, waiting = 0, [node]
    while waiting:
        area += 1
        for leaf in choice[waiting.pop()]:
            before = uses[leaf]
            uses[leaf] += change
            if leaf >= first and (before == 0 if change > 0 else before == 1):
                waiting.append(leaf)
    return area
