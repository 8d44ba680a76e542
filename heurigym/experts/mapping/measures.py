"""What is counted in a network of lookup tables: those that are more than a constant or a wire."""

from collections.abc import Sequence

from heurigym.experts.mapping.blif import in_order, parse_tables
from heurigym.experts.mapping.lut_network import variable


def count_luts(text: str) -> int:
    """The number of tables of a BLIF text that are neither constant nor equal to one of their inputs."""
    return sum(_is_lut(*table) for table in parse_tables(text).tables.values())


def depth_of(text: str) -> int:
    """The largest number of LUTs between an input and an output of a BLIF text; constants and wires are none."""
    content = parse_tables(text)
    depth = dict.fromkeys(content.inputs, 0)
    for net in in_order(content.tables, depth, content.outputs):
        fanins, rows = content.tables[net]
        depth[net] = max((depth[fanin] for fanin in fanins), default=0) + _is_lut(fanins, rows)
    return max((depth[output] for output in content.outputs), default=0)


def _is_lut(fanins: Sequence[str], rows: Sequence[tuple[str, str]]) -> bool:
    width = len(fanins)
    everything = (1 << (1 << width)) - 1
    truth = 0
    for cube, _ in rows:
        product = everything
        for index, bit in enumerate(cube):
            if bit != "-":
                product &= variable(index, width) ^ (0 if bit == "1" else everything)
        truth |= product
    if rows and rows[0][1] == "0":
        truth ^= everything
    return truth not in (0, everything, *(variable(index, width) for index in range(width)))
