"""Gives each gate its quickest cut, as FlowMap does, but from a few cuts instead of a flow."""

from pathlib import Path

K = 6


def solve(input_file, depth_file, output_file):
    inputs, outputs, fanins = read_circuit(input_file)
    roots = sorted({literal >> 1 for _, literal in outputs if literal >> 1 > len(inputs)})
    cover = label_and_cover(roots, len(inputs) + 1, fanins)
    write_network(output_file, inputs, outputs, fanins, cover)


def label_and_cover(roots, first, fanins):
    label = [0] * first
    cuts = [[frozenset([node])] for node in range(first)]
    for node in range(first, len(fanins)):
        left, right = (literal >> 1 for literal in fanins[node])
        found = {}
        for one in cuts[left]:
            for other in cuts[right]:
                cut = one | other
                if len(cut) <= K:
                    found[cut] = (1 + max([label[leaf] for leaf in cut]), len(cut))
        best = sorted(found, key=found.__getitem__)[:8]
        label.append(found[best[0]][0])
        cuts.append([*best, frozenset([node])])
    cover, waiting = {}, list(roots)
    while waiting:
        root = waiting.pop()
        if root not in cover:
            cover[root] = cuts[root][0]
            waiting += [leaf for leaf in cover[root] if leaf >= first]
    return cover


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
