"""Quick and small cuts of each gate; then, of those in time, the one by which each LUT costs the fewest others."""

from pathlib import Path

K = 6
LATE = 1 << 30
HALF = 8


def solve(input_file, depth_file, output_file):
    inputs, outputs, fanins = read_circuit(input_file)
    bound = int(Path(depth_file).read_text())
    first = len(inputs) + 1
    roots = sorted({literal >> 1 for _, literal in outputs if literal >> 1 >= first})
    cuts, label = enumerate_cuts(fanins, first)
    choice = [min(ranked, key=lambda cut: depth(cut, label)) if ranked else frozenset() for ranked in cuts]
    uses = [0] * len(fanins)
    for root in roots:
        if uses[root] == 0:
            change_uses(root, choice, uses, first, 1)
        uses[root] += 1
    for _ in range(3):
        recover_area(cuts, choice, uses, due(choice, uses, roots, first, bound), first)
    cover = {node: choice[node] for node in range(first, len(fanins)) if uses[node]}
    write_network(output_file, inputs, outputs, fanins, cover)


def depth(cut, label):
    return 1 + max([label[leaf] for leaf in cut])


def enumerate_cuts(fanins, first):
    """The best cuts of each gate, half of them by depth and half by area flow."""
    readers = [1] * len(fanins)
    for pair in fanins:
        for literal in pair:
            readers[literal >> 1] += 1
    label, flow = [0] * len(fanins), [0.0] * len(fanins)
    cuts = [[]] * first
    for node in range(first, len(fanins)):
        left, right = (literal >> 1 for literal in fanins[node])
        found = {}
        for one in [*cuts[left], frozenset([left])]:
            for other in [*cuts[right], frozenset([right])]:
                cut = one | other
                if len(cut) <= K and cut not in found:
                    found[cut] = (depth(cut, label), 1.0 + sum([flow[leaf] for leaf in cut]))
        quick = sorted(found, key=lambda cut: (found[cut][0], len(cut)))[:HALF]
        small = sorted(found, key=lambda cut: (found[cut][1], len(cut)))[:HALF]
        cuts.append(list(dict.fromkeys(quick + small)))
        label[node] = found[quick[0]][0]
        flow[node] = found[small[0]][1] / readers[node]
    return cuts, label


def due(choice, uses, roots, first, bound):
    required = [LATE] * len(uses)
    for root in roots:
        required[root] = bound
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


def read_circuit(path):
    """The circuit as AND gates: literal 2v is node v, 2v + 1 its complement; node 0 is false, then the inputs."""
    lines = [line.split("#")[0] for line in Path(path).read_text().replace("\\\n", " ").splitlines()]
    inputs, outputs, tables, rows = [], [], [], None
    for words in filter(None, map(str.split, lines)):
        if words[0] == ".inputs":
            inputs += words[1:]
        elif words[0] == ".outputs":
            outputs += words[1:]
        elif words[0] == ".names":
            rows = []
            tables.append((words[1:-1], words[-1], rows))
        elif not words[0].startswith("."):
            rows.append(words)
    fanins, known = [()] * (len(inputs) + 1), {}

    def conjunction(left, right):
        left, right = sorted((left, right))
        if left == 0 or left ^ right == 1:
            return 0
        if left == 1 or left == right:
            return right
        if (left, right) not in known:
            known[left, right] = 2 * len(fanins)
            fanins.append((left, right))
        return known[left, right]

    literals = {name: 2 * index for index, name in enumerate(inputs, start=1)}
    for sources, net, rows in in_order(tables, literals):
        alternatives = 1
        for row in rows:
            product = 1
            for bit, source in zip(row[0] if sources else "", sources, strict=True):
                if bit != "-":
                    product = conjunction(product, literals[source] ^ (bit == "0"))
            alternatives = conjunction(alternatives, product ^ 1)
        literals[net] = alternatives ^ (0 if rows and rows[0][-1] == "0" else 1)
    return inputs, [(name, literals[name]) for name in outputs], fanins


def in_order(tables, literals):
    waiting = tables
    while waiting:
        later = []
        for table in waiting:
            if all(source in literals for source in table[0]):
                yield table
            else:
                later.append(table)
        waiting = later


def write_network(path, inputs, outputs, fanins, cover):
    """Write LUTs with a row for each input combination that gives 1; complements of outputs are LUTs too."""
    first = len(inputs) + 1
    lines = [".model mapped", ".inputs " + " ".join(inputs), ".outputs " + " ".join(n for n, _ in outputs)]
    taken = {*inputs, *(name for name, _ in outputs)}
    prefix = "n"
    while any(name.startswith(prefix) for name in taken):
        prefix += "n"
    nets = ["", *inputs, *(f"{prefix}{node}" for node in range(first, len(fanins)))]
    flipped = [False] * len(fanins)
    wires, complements = [], []
    for name, literal in outputs:
        node = literal >> 1
        if node == 0:
            wires += [f".names {name}"] + ["1"] * (literal & 1)
        elif node >= first and nets[node].startswith(prefix):
            nets[node], flipped[node] = name, bool(literal & 1)
        elif node >= first and (literal & 1) != flipped[node]:
            complements.append((name, node))
        elif nets[node] != name:
            wires += [f".names {nets[node]} {name}", "0 1" if (literal & 1) ^ flipped[node] else "1 1"]
    drivers = [(nets[root], root, flipped[root]) for root in sorted(cover)]
    for name, root, flip in drivers + [(name, root, not flipped[root]) for name, root in complements]:
        leaves = sorted(cover[root])
        lines.append(" ".join([".names", *(nets[leaf] for leaf in leaves), name]))
        truth = truth_table(root, leaves, fanins)
        for row in range(1 << len(leaves)):
            if (truth >> row & 1) != flip:
                bits = [str((row >> index & 1) ^ flipped[leaf]) for index, leaf in enumerate(leaves)]
                lines.append("".join(bits) + " 1")
    Path(path).write_text("\n".join([*lines, *wires, ".end"]) + "\n")


def truth_table(root, leaves, fanins):
    size = 1 << len(leaves)
    values = {leaf: sum(1 << r for r in range(size) if r >> i & 1) for i, leaf in enumerate(leaves)}
    stack = [root]
    while stack:
        node = stack[-1]
        missing = [lit >> 1 for lit in fanins[node] if lit >> 1 not in values] if node not in values else []
        stack += missing
        if not missing:
            stack.pop()
            if node not in values:
                left, right = (values[lit >> 1] ^ (((1 << size) - 1) * (lit & 1)) for lit in fanins[node])
                values[node] = left & right
    return values[root]
