"""BLIF: reading combinational circuits as and-inverter graphs, and writing networks of lookup tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from heurigym.experts.mapping.aig import FALSE, TRUE, Aig, AigBuilder


@dataclass(frozen=True, slots=True)
class NamedAig:
    """An and-inverter graph whose inputs and outputs have names.

    Attributes:
        name: the model's name.
        inputs: names of the inputs, in order.
        outputs: names of the outputs, in order.
        aig: the graph.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    aig: Aig

    @classmethod
    def numbered(cls, name: str, aig: Aig) -> Self:
        """A graph with inputs x0, x1, ... and outputs y0, y1, ..."""
        inputs = tuple(f"x{index}" for index in range(aig.inputs))
        return cls(name, inputs, tuple(f"y{index}" for index in range(len(aig.outputs))), aig)


@dataclass(frozen=True, slots=True)
class Tables:
    """The statements of a BLIF text.

    Attributes:
        name: the model's name.
        inputs: names of the inputs.
        outputs: names of the outputs.
        tables: for each driven net the nets that it reads, and the rows (cube, value) of its table.
    """

    name: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    tables: Mapping[str, tuple[Sequence[str], Sequence[tuple[str, str]]]]


def read_blif(path: Path) -> NamedAig:
    """The circuit in a BLIF file; as :func:`parse_blif`."""
    return parse_blif(path.read_text(encoding="utf-8"))


def parse_tables(text: str) -> Tables:
    """The statements of a BLIF text of one model with ``.names`` alone.

    Raises:
        ValueError: the text holds something else.
    """
    name, inputs, outputs = "", list[str](), list[str]()
    tables: dict[str, tuple[list[str], list[tuple[str, str]]]] = {}
    current: list[tuple[str, str]] | None = None
    for words in _lines(text):
        keyword = words[0]
        if keyword == ".names":
            current = []
            tables[words[-1]] = (words[1:-1], current)
        elif keyword.startswith("."):
            current = None
            if keyword == ".model":
                name = words[1] if len(words) > 1 else ""
            elif keyword == ".inputs":
                inputs += words[1:]
            elif keyword == ".outputs":
                outputs += words[1:]
            elif keyword == ".end":
                break
            else:
                raise ValueError(f"{keyword} is not supported")
        elif current is None:
            raise ValueError(f"a row outside .names: {' '.join(words)}")
        else:
            current.append(("", words[0]) if len(words) == 1 else (words[0], words[1]))
    return Tables(name, inputs, outputs, tables)


def parse_blif(text: str) -> NamedAig:
    """The circuit that a BLIF text of one model with ``.names`` alone describes.

    Raises:
        ValueError: the text holds something else, or a net is undriven or on a cycle.
    """
    content = parse_tables(text)
    inputs, outputs, tables = content.inputs, content.outputs, content.tables
    builder = AigBuilder(len(inputs))
    literals = dict(zip(inputs, builder.inputs, strict=True))
    for net in in_order(tables, literals, outputs):
        fanins, rows = tables[net]
        literals[net] = _table(builder, [literals[fanin] for fanin in fanins], rows)
    aig = builder.build([literals[output] for output in outputs])
    return NamedAig(content.name, tuple(inputs), tuple(outputs), aig)


def _lines(text: str) -> Iterator[list[str]]:
    pending: list[str] = []
    for raw in text.split("\n"):
        line = raw.split("#", 1)[0].rstrip()
        continued = line.endswith("\\")
        pending += line.rstrip("\\").split()
        if not continued and pending:
            yield pending
            pending = []
    if pending:
        yield pending


def in_order(
    tables: Mapping[str, tuple[Sequence[str], object]],
    known: Mapping[str, int],
    outputs: Sequence[str],
) -> Iterator[str]:
    """The nets that ``outputs`` need, each after those that it reads; ``known`` nets are left out.

    Raises:
        ValueError: a net is undriven or on a cycle.
    """
    done = set(known)
    for output in outputs:
        stack = [(output, False)]
        open_nets: set[str] = set()
        while stack:
            net, ready = stack.pop()
            if ready:
                open_nets.discard(net)
                done.add(net)
                yield net
                continue
            if net in done:
                continue
            if net in open_nets or net not in tables:
                raise ValueError(f"net {net} is {'on a cycle' if net in open_nets else 'undriven'}")
            open_nets.add(net)
            stack.append((net, True))
            stack += [(fanin, False) for fanin in tables[net][0] if fanin not in done]


def _table(builder: AigBuilder, fanins: Sequence[int], rows: Sequence[tuple[str, str]]) -> int:
    if not rows:
        return FALSE
    products = []
    for cube, _ in rows:
        factors = [fanin ^ (bit == "0") for fanin, bit in zip(fanins, cube, strict=True) if bit != "-"]
        products.append(_chain(builder, factors))
    return _chain(builder, [product ^ 1 for product in products]) ^ 1 ^ (rows[0][1] == "0")


def _chain(builder: AigBuilder, literals: Sequence[int]) -> int:
    """The conjunction of ``literals``, one after the other: the gates that ABC's ``strash`` makes of a table."""
    result = TRUE
    for literal in literals:
        result = builder.and_(result, literal)
    return result
