"""A strict reader of combinational BLIF: one model of truth tables, and nothing else."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from heurigym.problems import Infeasible, Malformed, listed, shorten

_CUBE = re.compile(r"[01-]+")


@dataclass(frozen=True, slots=True)
class Table:
    """One ``.names``: a truth table as a sum of products or the complement of one.

    Attributes:
        fanins: nets that it reads, in order.
        cubes: products over ``0``, ``1`` and ``-``; a table without fanins has empty cubes.
        value: what the table is where a product holds; elsewhere it is the opposite.
    """

    fanins: tuple[str, ...]
    cubes: tuple[str, ...]
    value: bool

    def truth(self) -> int:
        """The truth table: bit p is the value where fanin i is bit i of p. For tables of few fanins."""
        size = 1 << len(self.fanins)
        everything = (1 << size) - 1
        variables = projections(len(self.fanins))
        result = 0
        for cube in self.cubes:
            product = everything
            for bit, variable in zip(cube, variables, strict=True):
                if bit != "-":
                    product &= variable if bit == "1" else everything ^ variable
            result |= product
        return result if self.value else everything ^ result


@dataclass(frozen=True, slots=True)
class Network:
    """A combinational circuit.

    Attributes:
        inputs: names of the inputs.
        outputs: names of the outputs.
        tables: the table of every net that is driven by one, each after those that it reads.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tables: Mapping[str, Table]


def projections(count: int) -> list[int]:
    """The truth tables of ``count`` variables, as :meth:`Table.truth` writes them."""
    size = 1 << count
    return (
        [sum(1 << p for p in range(size) if p >> index & 1) for index in range(count)]
        if count < 4
        else [_projection(index, size) for index in range(count)]
    )


def _projection(index: int, size: int) -> int:
    block = ((1 << (1 << index)) - 1) << (1 << index)
    width = 2 << index
    while width < size:
        block |= block << width
        width *= 2
    return block


def parse_blif(text: str) -> Network:
    """The circuit that ``text`` describes.

    Raises:
        Malformed: it is not one model of well-formed tables, or a net is driven twice.
        Infeasible: a net is undriven or on a cycle.
    """
    inputs: list[str] = []
    outputs: list[str] = []
    heads: dict[str, tuple[str, ...]] = {}
    rows: dict[str, list[tuple[str, str]]] = {}
    current: str | None = None
    seen_model = ended = False
    for number, words in _lines(text):
        keyword = words[0]
        if ended:
            raise Malformed(f"line {number}: there is text after .end: {shorten(' '.join(words), 60)}")
        if not keyword.startswith("."):
            if current is None:
                raise Malformed(f"line {number}: a row outside a table: {shorten(' '.join(words), 60)}")
            rows[current].append(_row(number, words, len(heads[current])))
            continue
        current = None
        if keyword == ".names":
            if len(words) < 2:
                raise Malformed(f"line {number}: .names without a net")
            current = words[-1]
            if current in heads:
                raise Malformed(f"line {number}: the net {shorten(current, 60)} has a table already")
            heads[current] = tuple(words[1:-1])
            rows[current] = []
        elif keyword == ".inputs":
            inputs += words[1:]
        elif keyword == ".outputs":
            outputs += words[1:]
        elif keyword == ".model":
            if seen_model or inputs or outputs or heads:
                raise Malformed(f"line {number}: .model is not the first statement")
            seen_model = True
        elif keyword == ".end":
            ended = True
        else:
            raise Malformed(f"line {number}: {shorten(keyword, 40)} is not allowed")
    for what, names in (("input", inputs), ("output", outputs)):
        if len(set(names)) < len(names):
            raise Malformed(f"an {what} is named twice: {listed(_twice(names))}")
    driven = [name for name in inputs if name in heads]
    if driven:
        raise Malformed(f"{len(driven)} inputs are also driven by a table: {listed(driven)}")
    tables = {net: _table(net, heads[net], rows[net]) for net in heads}
    return Network(tuple(inputs), tuple(outputs), _in_order(inputs, outputs, tables))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    pending: list[str] = []
    first = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.partition("#")[0].rstrip(" \t\r")
        continued = line.endswith("\\")
        words = line.removesuffix("\\").split()
        first = first if pending else number
        pending += words
        if not continued and pending:
            yield first, pending
            pending = []
    if pending:
        yield first, pending


def _row(number: int, words: Sequence[str], width: int) -> tuple[str, str]:
    cube, value = ("", words[0]) if width == 0 and len(words) == 1 else (words[0], words[-1])
    fits = len(words) == (2 if width else 1) and len(cube) == width and value in ("0", "1")
    if not fits or (width and not _CUBE.fullmatch(cube)):
        raise Malformed(f"line {number}: not a row of a table with {width} inputs: {shorten(' '.join(words), 60)}")
    return cube, value


def _table(net: str, fanins: tuple[str, ...], rows: Sequence[tuple[str, str]]) -> Table:
    values = {value for _, value in rows}
    if len(values) > 1:
        raise Malformed(f"the table of net {shorten(net, 60)} has rows for both 0 and 1")
    return Table(fanins, tuple(dict.fromkeys(cube for cube, _ in rows)), values != {"0"})


def _twice(names: Sequence[str]) -> list[str]:
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def _in_order(inputs: Sequence[str], outputs: Sequence[str], tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables in topological order.

    Raises:
        Infeasible: a net that an output or a table reads is undriven, or tables form a cycle.
    """
    known = set(inputs)
    waiting: dict[str, int] = {}
    readers: dict[str, list[str]] = {}
    undriven = [net for net in outputs if net not in known and net not in tables]
    for net, table in tables.items():
        needs = {fanin for fanin in table.fanins if fanin not in known}
        undriven += [fanin for fanin in needs if fanin not in tables]
        waiting[net] = len(needs)
        for fanin in needs:
            readers.setdefault(fanin, []).append(net)
    if undriven:
        undriven = sorted(set(undriven))
        raise Infeasible(f"{len(undriven)} nets are read and not driven: {listed(undriven)}")
    ready = [net for net, count in waiting.items() if not count]
    for net in ready:
        for reader in readers.get(net, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    if len(ready) < len(tables):
        stuck = [net for net, count in waiting.items() if count]
        raise Infeasible(f"{len(stuck)} nets are on a cycle or behind one: {listed(stuck)}")
    return {net: tables[net] for net in ready}
