"""The expert of technology mapping: the structural expert, on structures that ABC resynthesises where it is there.

Without ABC the circuit is covered as it is. With it, rounds follow: the best network so far is taken apart into
gates, restructured by one of several scripts, covered again by the own mapper, and simplified with don't-cares
(``mfs2``). Rounds that end no worse are kept.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from heurigym.experts.mapping.abc import Abc, AbcFailed, find_abc
from heurigym.experts.mapping.blif import NamedAig, in_order, parse_blif, parse_tables
from heurigym.experts.mapping.expert import cover_structure
from heurigym.experts.mapping.lut_network import variable, write_luts
from heurigym.experts.mapping.mapper import Effort, map_structure
from heurigym.experts.mapping.structure import Structure

K = 6
_RESYN = "balance; rewrite; refactor; balance; rewrite; rewrite -z; balance; refactor -z; rewrite -z; balance"
RESTRUCTURE = (
    "strash; ifraig; dc2; dc2",
    f"strash; {_RESYN}",
    "strash; dch; balance",
    "strash; &get -n; &syn3; &syn3; &put",
    "strash; &get -n; &syn4; &b -s; &put",
    "strash; resub -K 8 -N 2; rewrite; resub -K 12 -N 3; refactor; balance",
    "strash; if -g -K 6; strash; dc2",
    "strash",
)
"""Scripts that turn a network into another structure."""

OPENING = (
    "strash; dch; if -a -K 6; mfs2 -a; strash; dch; if -a -K 6; mfs2 -a; lutpack -S 1; sweep",
    "strash; ifraig; dc2; dc2; dch; if -a -K 6; mfs2 -a; sweep",
)
"""Scripts that map by ABC alone; the search starts from the best of them and of the own cover."""

_OPENING_SECONDS = 20.0
"""Time that each opening script has at least, for a start that a busy machine does not spoil."""

SIMPLIFY = ("mfs2 -a -e -W 4 -F 30 -D 4 -L 20 -C 2000", "mfs2 -a -W 6 -L 100 -C 5000", "mfs2 -e -W 3; lutpack -S 1")
"""Scripts that simplify a network of LUTs."""


@dataclass(frozen=True, slots=True)
class MappedCircuit:
    """The expert's circuit.

    Attributes:
        blif: its text.
        luts: number of LUTs.
        solver: the steps that ran.
        version: their versions.
    """

    blif: str
    luts: int
    solver: str
    version: str


def map_circuit(
    text: str, seconds: float, seed: int, *, max_depth: int | None = None, use_abc: bool = True
) -> MappedCircuit:
    """An equivalent network of few LUTs with at most 6 inputs.

    Args:
        text: BLIF of the circuit.
        seconds: time to spend.
        seed: fixes the search, as far as ABC's own time allows.
        max_depth: largest number of LUTs between an input and an output; ``None`` without a bound.
        use_abc: whether ABC is used if it is installed.

    Raises:
        ImportError: numba is missing.
        ValueError: the text is no combinational circuit, or no network that shallow was found.
    """
    start = time.monotonic()
    circuit = parse_blif(text)
    abc = find_abc() if use_abc else None
    share = seconds if abc is None else min(20.0, 0.2 * seconds)
    result = cover_structure(Structure.of(circuit.aig, K), max_depth, share, seed)
    best = write_luts(circuit, result.luts)
    area = count_luts(best)
    solver, version = result.solver, result.version
    if abc is not None:
        solver, version = f"{solver}; rounds of resynthesis by ABC", f"{version}, {abc.version}"
        search = _Search(abc, text, max_depth, random.Random(seed))
        best, area = search.run(best, area, start + seconds)
    return MappedCircuit(best, area, solver, version)


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


@dataclass(frozen=True, slots=True)
class _Search:
    """Rounds of resynthesis, from the given circuit and from what earlier rounds found."""

    abc: Abc
    given: str
    max_depth: int | None
    rng: random.Random

    def run(self, best: str, area: int, end: float) -> tuple[str, int]:
        """The best network and its area when the monotonic clock reaches ``end``."""
        best, area = self._open(best, area, end)
        current, current_area = best, area
        stale = 0
        while (left := end - time.monotonic()) > 1:
            base = self.given if stale > 6 and self.rng.random() < 0.3 else current
            try:
                found = self._round(base, left)
            except (AbcFailed, ValueError):
                stale += 1
                continue
            found_area = count_luts(found)
            if found_area < area:
                best, area, stale = found, found_area, 0
            else:
                stale += 1
            if found_area <= current_area + (1 if stale > 4 else 0):
                current, current_area = found, found_area
            elif stale > 12:
                current, current_area, stale = best, area, 0
        return best, area

    def _open(self, best: str, area: int, end: float) -> tuple[str, int]:
        for script in OPENING:
            try:
                found = self.abc.run(self.given, script, max(_OPENING_SECONDS, end - time.monotonic()))
            except AbcFailed:
                continue
            shallow = self.max_depth is None or depth_of(found) <= self.max_depth
            if shallow and count_luts(found) < area:
                best, area = found, count_luts(found)
        return best, area

    def _round(self, network: str, seconds: float) -> str:
        script = "; ".join(self.rng.choice(RESTRUCTURE) for _ in range(self.rng.choice((1, 1, 2))))
        gates = parse_blif(self.abc.run(network, f"{script}; strash", seconds))
        covered = self._cover(gates, min(seconds, 3.0))
        simplified = self.abc.run(covered, f"{self.rng.choice(SIMPLIFY)}; sweep", seconds)
        too_deep = self.max_depth is not None and depth_of(simplified) > self.max_depth
        return covered if too_deep else simplified

    def _cover(self, gates: NamedAig, seconds: float) -> str:
        count = len(gates.aig.gates)
        anneal = seconds if self.rng.random() < 0.5 else 0.0
        effort = Effort(cuts=24 if count < 8000 else 12, starts=1, seconds=anneal)
        cover = map_structure(Structure.of(gates.aig, K), self.max_depth, effort, self.rng.getrandbits(30))
        return write_luts(gates, cover.luts())
