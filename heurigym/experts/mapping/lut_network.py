"""A cover as a network of truth tables in BLIF."""

from collections.abc import Iterator, Mapping, Sequence

from heurigym.experts.mapping.aig import Aig
from heurigym.experts.mapping.blif import NamedAig


def write_luts(circuit: NamedAig, luts: Mapping[int, Sequence[int]]) -> str:
    """The BLIF text of a cover of ``circuit``: one table for each LUT, and what outputs need to have their names.

    A LUT takes the name, and the polarity, of the first output that it drives. A further output of the same
    polarity is a wire; one of the other polarity is a LUT of its own, no deeper than the first. The complement of
    an input is an inverter.
    """
    aig = circuit.aig
    names = dict(enumerate(circuit.inputs, start=1))
    inverted: dict[int, bool] = {}
    extra: list[str] = []
    complements: list[tuple[str, int]] = []
    taken = {*circuit.inputs, *circuit.outputs}
    for name, literal in zip(circuit.outputs, aig.outputs.tolist(), strict=True):
        node, complement = literal >> 1, bool(literal & 1)
        if node == 0:
            extra += [f".names {name}", *(["1"] if complement else [])]
        elif node in names and names[node] == name and not complement:
            continue
        elif node not in names:
            names[node], inverted[node] = name, complement
        elif node in inverted and complement != inverted[node]:
            complements.append((name, node))
        else:
            extra += [f".names {names[node]} {name}", "0 1" if complement != inverted.get(node, False) else "1 1"]
    lines = [f".model {circuit.name or 'mapped'}"]
    lines += _wrapped(".inputs", circuit.inputs)
    lines += _wrapped(".outputs", circuit.outputs)
    for root in sorted(luts):
        if root not in names:
            names[root] = f"n{root}"
            while names[root] in taken:
                names[root] += "_"
    drivers = [(names[root], root, inverted.get(root, False)) for root in sorted(luts)]
    drivers += [(name, root, not inverted[root]) for name, root in complements]
    for name, root, complement in drivers:
        leaves = luts[root]
        truth = cone_truth(aig, root, leaves)
        for index, leaf in enumerate(leaves):
            if inverted.get(leaf, False):
                truth = _flip_variable(truth, index, len(leaves))
        everything = (1 << (1 << len(leaves))) - 1
        truth ^= everything if complement else 0
        lines.append(" ".join([".names", *(names[leaf] for leaf in leaves), name]))
        lines += [f"{cube} 1" for cube in cubes_of(truth, len(leaves))]
    return "\n".join([*lines, *extra, ".end"]) + "\n"


def write_gates(circuit: NamedAig) -> str:
    """The BLIF text of the graph itself: one table for each gate."""
    first = circuit.aig.first_gate
    gates = enumerate(circuit.aig.gates.tolist(), start=first)
    return write_luts(circuit, {node: sorted({left >> 1, right >> 1}) for node, (left, right) in gates})


def _wrapped(keyword: str, names: Sequence[str], width: int = 100) -> Iterator[str]:
    line = keyword
    for name in names:
        if len(line) + len(name) > width:
            yield line + " \\"
            line = ""
        line += " " + name
    yield line


def variable(index: int, count: int) -> int:
    """The truth table of variable ``index`` of ``count``: bit p is bit ``index`` of p."""
    block = ((1 << (1 << index)) - 1) << (1 << index)
    width = 2 << index
    while width < 1 << count:
        block |= block << width
        width *= 2
    return block


def cone_truth(aig: Aig, root: int, leaves: Sequence[int]) -> int:
    """The truth table of ``root`` over ``leaves``, which must cut it off from the inputs."""
    everything = (1 << (1 << len(leaves))) - 1
    known = {leaf: variable(index, len(leaves)) for index, leaf in enumerate(leaves)}
    known[0] = 0
    stack = [root]
    while stack:
        node = stack[-1]
        if node in known:
            stack.pop()
            continue
        left, right = (int(literal) for literal in aig.gates[node - aig.first_gate])
        missing = [literal >> 1 for literal in (left, right) if literal >> 1 not in known]
        if missing:
            stack += missing
            continue
        a = known[left >> 1] ^ (everything if left & 1 else 0)
        b = known[right >> 1] ^ (everything if right & 1 else 0)
        known[node] = a & b
        stack.pop()
    return known[root]


def _flip_variable(truth: int, index: int, count: int) -> int:
    high = variable(index, count)
    shift = 1 << index
    return (truth & high) >> shift | (truth << shift) & high


def cubes_of(truth: int, count: int) -> list[str]:
    """An irredundant sum of products of a truth table over ``count`` variables (S. Minato, 1992)."""
    everything = (1 << (1 << count)) - 1

    def cover(lower: int, upper: int, index: int) -> tuple[list[str], int]:
        if lower == 0:
            return [], 0
        if upper == everything:
            return ["-" * count], everything
        index -= 1
        high = variable(index, count)
        shift = 1 << index
        lower0, upper0 = _spread(lower & ~high & everything, shift), _spread(upper & ~high & everything, shift)
        lower1, upper1 = _spread((lower & high) >> shift, shift), _spread((upper & high) >> shift, shift)
        cubes0, done0 = cover(lower0 & ~upper1 & everything, upper0, index)
        cubes1, done1 = cover(lower1 & ~upper0 & everything, upper1, index)
        rest = (lower0 & ~done0 | lower1 & ~done1) & everything
        both, done = cover(rest, upper0 & upper1, index)
        result = [_with(cube, index, "0") for cube in cubes0] + [_with(cube, index, "1") for cube in cubes1]
        return result + both, (done0 & ~high | done1 & high | done) & everything

    return cover(truth, truth, count)[0]


def _spread(half: int, shift: int) -> int:
    return half | half << shift


def _with(cube: str, index: int, bit: str) -> str:
    return cube[:index] + bit + cube[index + 1 :]
