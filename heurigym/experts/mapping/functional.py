"""The expert of technology mapping: the structural expert, on structures that ABC resynthesises where it is there.

Without ABC the circuit is covered as it is; with it, rounds of resynthesis follow
(:mod:`heurigym.experts.mapping.resynthesis`).
"""

import os
import random
from dataclasses import dataclass

from heurigym.experts.mapping.abc import find_abc
from heurigym.experts.mapping.blif import parse_blif
from heurigym.experts.mapping.expert import cover_structure
from heurigym.experts.mapping.lut_network import write_luts
from heurigym.experts.mapping.measures import count_luts
from heurigym.experts.mapping.resynthesis import K, Search
from heurigym.experts.mapping.structure import Structure

_MOST_FOR_STRUCTURE = 20.0
"""Seconds for the cover of the given structure when there is more to do."""


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
        seconds: processor time to spend, that of ABC included.
        seed: fixes the search, as far as it is not cut off by the time.
        max_depth: largest number of LUTs between an input and an output; ``None`` without a bound.
        use_abc: whether ABC is used if it is installed.

    Raises:
        ImportError: numba is missing.
        ValueError: the text is no combinational circuit, or no network that shallow was found.
    """
    start = _processor_time()
    circuit = parse_blif(text)
    abc = find_abc() if use_abc else None
    share = seconds if abc is None else min(_MOST_FOR_STRUCTURE, 0.2 * seconds)
    result = cover_structure(Structure.of(circuit.aig, K), max_depth, share, seed)
    best = write_luts(circuit, result.luts)
    area = count_luts(best)
    solver, version = result.solver, result.version
    if abc is not None:
        solver, version = f"{solver}; rounds of resynthesis by ABC", f"{version}, {abc.version}"
        search = Search(abc, text, max_depth, random.Random(seed), _processor_time)
        best, area = search.run(best, area, start + seconds)
    return MappedCircuit(best, area, solver, version)


def _processor_time() -> float:
    """Processor time of this process and of the programs that it ran to their ends, in seconds."""
    return sum(os.times()[:4])
