"""Rounds of resynthesis by ABC around the own mapper: the search of the functional expert.

A round takes a network apart into gates, restructures it, and maps it again; ABC alone does so several times over,
or the own mapper covers what ABC restructured. Networks of LUTs are then simplified by don't-cares (``mfs2``,
A. Mishchenko et al., "Scalable don't-care-based logic optimization and resynthesis", 2011). Rounds that end no
worse are kept, and so is, after many that did not help, one that is a little worse.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from heurigym.experts.mapping.abc import Abc, AbcFailed
from heurigym.experts.mapping.blif import parse_blif
from heurigym.experts.mapping.lut_network import write_luts
from heurigym.experts.mapping.mapper import Effort, map_structure
from heurigym.experts.mapping.measures import count_luts, depth_of
from heurigym.experts.mapping.structure import Structure

K = 6

_CUT_SIZES = (6, 8, 10, 12)
_RESUB = "; ".join(f"resub -l -K {size}; rewrite -l; resub -l -K {size} -N 2; balance -l" for size in _CUT_SIZES)
RESTRUCTURE = (
    "strash",
    "strash; dch",
    "strash; ifraig; dc2; dc2; dch",
    "strash; balance; rewrite; refactor; balance; rewrite; rewrite -z; balance; refactor -z; rewrite -z; balance",
    f"strash; {_RESUB}; refactor -z -l; rewrite -z -l",
    "strash; resub -K 8 -N 2; rewrite; resub -K 12 -N 3; refactor; balance; dch",
    "strash; &get -n; &syn3; &syn3; &put; dch",
    "strash; &get -n; &syn4; &b -s; &put; dch",
    "strash; if -g -K 6; strash; dch",
    "sop; fx; strash; dch",
    "eliminate -V 0; sop; fx; strash; dch",
)
"""Scripts that turn a network into another structure, most of them with choices (``dch``)."""

_OPENING = ("strash; dch", "strash; ifraig; dc2; dc2; dch", "strash")
"""Restructuring of the given circuit, from which the search starts."""

_OPENING_SECONDS = 20.0
"""Time that each opening script has at least, so that large circuits have a good start."""

_PATIENCE = 6
"""Rounds without success after which the search may start anew or go on from a worse network."""

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Search:
    """A search for an equivalent network of fewer LUTs.

    Attributes:
        abc: the ABC to use.
        given: BLIF text of the circuit.
        max_depth: largest number of LUTs between an input and an output; ``None`` without a bound.
        rng: source of randomness.
        clock: processor time spent so far.
    """

    abc: Abc
    given: str
    max_depth: int | None
    rng: random.Random
    clock: Clock

    def run(self, best: str, area: int, end: float) -> tuple[str, int]:
        """The best network and its area when the clock reaches ``end``, ``best`` if none is better."""
        best, area = self._open(best, area, end)
        current, current_area = best, area
        stale = 0
        while (left := end - self.clock()) > 1:
            base = self.given if stale > _PATIENCE and self.rng.random() < 0.2 else current
            try:
                found, found_area = self._round(base, left)
            except (AbcFailed, ValueError):
                stale += 1
                continue
            if found_area < area:
                best, area, stale = found, found_area, 0
            else:
                stale += 1
            if found_area <= current_area + (1 if stale > _PATIENCE else 0):
                current, current_area = found, found_area
            elif stale > 3 * _PATIENCE:
                current, current_area, stale = best, area, 0
        return best, area

    def _open(self, best: str, area: int, end: float) -> tuple[str, int]:
        for opening in _OPENING:
            first, second = (f"{self._map()}; {self._simplify(kind)}" for kind in (0, 3))
            script = f"{opening}; {first}; strash; dch; {second}; sweep"
            try:
                found = self.abc.run(self.given, script, max(_OPENING_SECONDS, end - self.clock()))
            except AbcFailed:
                continue
            if self._is_shallow(found) and count_luts(found) < area:
                best, area = found, count_luts(found)
        return best, area

    def _round(self, network: str, seconds: float) -> tuple[str, int]:
        """Another network and its area.

        Raises:
            AbcFailed: ABC took too long.
            ValueError: none that is shallow enough came out.
        """
        found: list[str] = []
        if self.rng.random() < 0.7:
            steps = (f"{self._restructure()}; {self._map()}; {self._simplify()}" for _ in range(3))
            network = self.abc.run(network, f"{'; '.join(steps)}; sweep", seconds)
            found.append(network)
        if not found or self.rng.random() < 0.5:
            covered = self._cover(self.abc.run(network, f"{self._restructure()}; strash", seconds))
            found += [covered, self.abc.run(covered, f"{self._simplify()}; sweep", seconds)]
        areas = [(count_luts(text), text) for text in found if self._is_shallow(text)]
        if not areas:
            raise ValueError("no network that shallow came out")
        area, best = min(areas)
        return best, area

    def _restructure(self) -> str:
        return self.rng.choice(RESTRUCTURE)

    def _map(self) -> str:
        return f"if -a -K {K}" if self.max_depth is None else f"if -K {K} -D {self.max_depth}"

    def _simplify(self, kind: int | None = None) -> str:
        growth = 100 if self.max_depth is None else 0
        scripts = (
            f"mfs2 -a -e -W 4 -M 500 -L {growth} -C 2000",
            f"mfs2 -e -W 4 -M 500 -L {growth} -C 2000",
            f"mfs2 -a -W 6 -L {growth}",
            f"mfs2 -e -W 3 -L {growth}; lutpack -S 1 -L {growth}",
        )
        return self.rng.choice(scripts) if kind is None else scripts[kind]

    def _cover(self, gates: str) -> str:
        circuit = parse_blif(gates)
        count = len(circuit.aig.gates)
        seconds = self.rng.choice((0.0, 0.3, 1.0)) * min(4.0, count / 1000)
        effort = Effort(cuts=24 if count < 8000 else 12, starts=1, seconds=seconds)
        cover = map_structure(Structure.of(circuit.aig, K), self.max_depth, effort, self.rng.getrandbits(30))
        return write_luts(circuit, cover.luts())

    def _is_shallow(self, network: str) -> bool:
        return self.max_depth is None or depth_of(network) <= self.max_depth
