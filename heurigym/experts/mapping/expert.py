"""The structural expert: mapper and annealing, then HiGHS and CP-SAT on small graphs, CP-SAT on parts of others."""

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heurigym.experts.mapping import integer_program, windows
from heurigym.experts.mapping.aig import Aig
from heurigym.experts.mapping.mapper import Effort, anneal, map_structure, narrow
from heurigym.experts.mapping.structure import FAR, Cover, Structure, enumerate_cuts, locate

MAPPER_VERSION = "2"
_WHOLE = 1500
"""Graphs up to this many gates are given to CP-SAT as a whole."""

_ALL_CUTS = 400
"""Cuts of a gate that are enumerated for a bound; a bound needs that none was dropped."""

_WINDOW = 350
_WINDOW_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class CoverResult:
    """The expert's cover.

    Attributes:
        luts: leaves of each LUT by its root.
        bound: proven least number of LUTs.
        optimal: whether the cover has that many.
        solver: the steps that ran.
        version: their versions.
    """

    luts: Mapping[int, tuple[int, ...]]
    bound: int
    optimal: bool
    solver: str
    version: str


def cover(
    inputs: int,
    gates: Sequence[Sequence[int]],
    outputs: Sequence[int],
    k: int,
    max_depth: int | None,
    seconds: float,
    seed: int,
) -> CoverResult:
    """A cover of an and-inverter graph by LUTs of at most ``k`` inputs and depth at most ``max_depth``.

    Args:
        inputs: number of inputs.
        gates: literals of the fanins of each gate.
        outputs: literals of the outputs.
        k: largest number of leaves, 2 to 6.
        max_depth: largest depth; ``None`` without a bound.
        seconds: processor time to spend; the first compilation does not count.
        seed: fixes the search.

    Raises:
        ImportError: numba or OR-Tools is missing.
        ValueError: no cover is that shallow.
    """
    return cover_structure(Structure.of(Aig.of(inputs, gates, outputs), k), max_depth, seconds, seed)


def cover_structure(structure: Structure, max_depth: int | None, seconds: float, seed: int) -> CoverResult:
    """As :func:`cover`, for a structure."""
    _compile_all()
    start = time.process_time()
    count = structure.nodes - structure.first
    solver, version = "priority cuts, exact area, annealing", f"heurigym mapper {MAPPER_VERSION}"
    if not count:
        return CoverResult({}, 0, True, solver, version)
    effort = Effort(cuts=60 if count < 20_000 else 24 if count < 80_000 else 10, starts=3, seconds=0.55 * seconds)
    best = map_structure(structure, max_depth, effort, seed)
    bound: int | None = None
    left = seconds - (time.process_time() - start)
    if left > 1:
        solver, version = f"{solver}, CP-SAT", f"{version}, {windows.version()}"
        if count <= _WHOLE:
            solver, version = f"{solver}, HiGHS", f"{version}, {integer_program.version()}"
            best, bound = _whole(best, max_depth, left, seed)
        else:
            best = _windows(best, max_depth, left, seed)
    bound = max(bound or 0, wire_bound(structure))
    return CoverResult(best.luts(), bound, bound == best.area, solver, version)


@functools.cache
def _compile_all() -> None:
    """Compile what is compiled on first use, so that its time counts for nobody's budget."""
    and_gate = Structure.of(Aig.of(2, [(2, 4)], [6]), 2)
    for max_depth in (None, 1):
        anneal(map_structure(and_gate, max_depth, Effort(cuts=4), 0), max_depth, 0.01, 0)


def wire_bound(structure: Structure) -> int:
    """A number of LUTs that every cover has, from counting outputs and wires.

    Outputs are LUTs. In a cover of n LUTs, none of them useless, at least n minus the outputs feed another LUT, and
    so does every input that a gate reads; n LUTs have at most k * n such wires.
    """
    outputs = len(structure.outputs)
    read = np.unique(structure.fanins[structure.first :])
    inputs = int(((read > 0) & (read < structure.first)).sum())
    return max(outputs, -(-(inputs - outputs) // (structure.k - 1)))


def _whole(best: Cover, max_depth: int | None, seconds: float, seed: int) -> tuple[Cover, int | None]:
    """HiGHS, then CP-SAT on the whole graph: the better cover, and a bound if no cut that matters is missing.

    A bound holds where all cuts that no other dominates were enumerated. It holds with a bound on the depth too,
    which only forbids covers.
    """
    structure = best.structure
    end = time.process_time() + seconds
    store, _, _ = enumerate_cuts(structure, _ALL_CUTS, structure.fanouts(), keep=best)
    bound: int | None = None
    if store.complete:
        full = Cover(structure, store, locate(store, best))
        found, bound = integer_program.solve_by_highs(full, seconds / 2, seed)
        if max_depth is None and found.area < best.area:
            best = found
    if bound == best.area:
        return best, bound
    if max_depth is None and store.complete:
        current = Cover(structure, store, locate(store, best))
    else:
        current = narrow(best, FAR if max_depth is None else max_depth)
    free = np.zeros(structure.nodes, bool)
    free[structure.first :] = True
    left = max(1.0, end - time.process_time())
    exact = windows.solve_exactly(current, current.store, free, left, seed, current.choice)
    if exact is not None:
        found = Cover(structure, current.store, exact.choice)
        best = found if found.area < best.area else best
        if max_depth is None and store.complete:
            bound = max(bound or 0, exact.bound)
    return best, bound


def _windows(best: Cover, max_depth: int | None, seconds: float, seed: int) -> Cover:
    """CP-SAT on windows around random LUTs, and a short annealing where windows stop helping."""
    end = time.process_time() + seconds
    structure = best.structure
    bound = FAR if max_depth is None else max_depth
    rng = np.random.default_rng(seed)
    turn = 0
    while (left := end - time.process_time()) > 1:
        turn += 1
        current = narrow(best, bound)
        luts = np.flatnonzero(current.uses[structure.first :]) + structure.first
        free = windows.window(structure, int(rng.choice(luts)), _WINDOW)
        limit = min(left, _WINDOW_SECONDS)
        exact = windows.solve_exactly(current, current.store, free, limit, seed + turn, current.choice)
        if exact is not None:
            found = Cover(structure, current.store, exact.choice)
            if found.area < best.area:
                best = anneal(found, max_depth, min(2.0, end - time.process_time()), seed + turn)
    return best
