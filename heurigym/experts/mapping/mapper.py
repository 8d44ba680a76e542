"""The mapper: priority cuts, a depth-optimal pass, area flow, exact area, and annealing over stored cuts."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurigym.experts.mapping.compiled import annealing
from heurigym.experts.mapping.compiled import cover as kernels
from heurigym.experts.mapping.structure import (
    FAR,
    Cover,
    CutStore,
    Ints,
    Structure,
    enumerate_cuts,
    locate,
    shallowest_cover,
)

_ROUNDS = 8
_TEMPERATURES = ((0.45, 0.08), (0.3, 0.1), (0.25, 0.15), (0.6, 0.1))
"""First and last temperature of annealing, in LUTs, for one round after the other."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard the mapper tries.

    Attributes:
        cuts: stored cuts of a gate.
        starts: covers to build with different orders of cuts; the best goes on.
        seconds: time after which no new start and no new round of annealing begins; 0 for none of either.
    """

    cuts: int
    starts: int = 1
    seconds: float = 0.0


def map_structure(structure: Structure, max_depth: int | None, effort: Effort, seed: int) -> Cover:
    """A cover of small area whose depth is at most ``max_depth``.

    Args:
        structure: the graph.
        max_depth: largest depth of an output; ``None`` without a bound.
        effort: how hard to try.
        seed: fixes the orders of cuts and the annealing.

    Raises:
        ValueError: no cover is as shallow as ``max_depth``.
    """
    start = time.process_time()
    rng = np.random.default_rng(seed)
    best: Cover | None = None
    for attempt in range(effort.starts):
        if attempt and time.process_time() - start > effort.seconds / 3:
            break
        cover = _build(structure, max_depth, effort.cuts, rng, disturb=0.2 if attempt else 0.0)
        if best is None or cover.area < best.area:
            best = cover
    assert best is not None
    left = effort.seconds - (time.process_time() - start)
    return anneal(best, max_depth, left, seed) if left > 0 else best


def _build(
    structure: Structure, max_depth: int | None, cuts: int, rng: np.random.Generator, disturb: float
) -> Cover:
    references = structure.fanouts()
    if disturb:
        references = references * rng.uniform(1 - disturb, 1 + disturb, len(references)) + disturb
        references = np.maximum(references, 1.0)
    keep: Cover | None = None
    required: Ints | None = None
    bound = FAR if max_depth is None else max_depth
    if max_depth is not None:
        keep = shallowest_cover(structure)
        if keep.depth() > bound:
            raise ValueError(f"no cover has depth {bound}; the least depth is {keep.depth()}")
    for _ in range(3):
        if keep is not None and max_depth is not None:
            required = _deadlines(keep, bound)
        store, _, _ = enumerate_cuts(structure, cuts, references, required=required, keep=keep)
        cover = Cover(structure, store, np.zeros(structure.nodes, np.int32))
        keep = cover if keep is None or cover.depth() <= bound else Cover(structure, store, locate(store, keep))
        references = np.maximum((2 * references + keep.uses) / 3, 1.0)
    assert keep is not None
    recover_area(keep, bound)
    for _ in range(_ROUNDS):
        before = keep.area
        references = np.maximum((references + 2 * keep.uses) / 3, 1.0)
        keep = _renew(keep, bound, cuts, references)
        recover_area(keep, bound)
        if keep.area >= before:
            break
    return keep


def _renew(cover: Cover, bound: int, cuts: int, references: NDArray[np.float64]) -> Cover:
    """The same cover with cuts enumerated again, ranked by what the cover uses."""
    structure = cover.structure
    required = None if bound >= FAR else _deadlines(cover, bound)
    store, _, _ = enumerate_cuts(structure, cuts, references, required=required, keep=cover)
    return Cover(structure, store, locate(store, cover))


def _deadlines(cover: Cover, bound: int) -> Ints:
    deadline: Ints = np.zeros(cover.structure.nodes, np.int32)
    kernels.assign_deadlines(
        cover.structure.fanins, cover.structure.first, cover.required(bound), cover.uses, deadline
    )
    return deadline


def recover_area(cover: Cover, bound: int, passes: int = 4) -> None:
    """Improve ``cover`` in place by exact area, without an output deeper than ``bound``."""
    structure, store = cover.structure, cover.store
    stack: Ints = np.zeros(structure.nodes, np.int32)
    flow = np.zeros(structure.nodes)
    flow[structure.first :] = 1.0 / structure.fanouts()[structure.first :]
    for _ in range(passes):
        arrival = cover.arrival()
        saved = kernels.recover_area(
            structure.first,
            store.leaves,
            store.sizes,
            store.counts,
            cover.choice,
            cover.uses,
            arrival,
            cover.required(bound),
            flow,
            stack,
        )
        cover.area -= int(saved)
        if saved == 0:
            break


def anneal(cover: Cover, max_depth: int | None, seconds: float, seed: int) -> Cover:
    """The best cover that annealing finds from ``cover``, in rounds with new cuts between them."""
    end = time.process_time() + seconds
    best = cover
    bound = FAR if max_depth is None else max_depth
    gates = cover.structure.nodes - cover.structure.first
    steps = max(200_000, 200 * gates)
    turn = 0
    while True:
        begin = time.process_time()
        current = _renew(best, bound, best.store.limit, np.maximum(best.uses.astype(np.float64), 1.0))
        found = _anneal_once(current, bound, steps, seed + turn, _TEMPERATURES[turn % len(_TEMPERATURES)])
        recover_area(found, bound)
        if found.area <= best.area:
            best = found
        used = time.process_time() - begin
        left = end - time.process_time()
        if left < used:
            return best
        steps = int(steps * min(4.0, max(1.0, left / (2 * used))))
        turn += 1


def narrow(cover: Cover, bound: int) -> Cover:
    """The same cover with those cuts alone by which no LUT can miss its deadline, whichever are used."""
    if bound >= FAR:
        return Cover(cover.structure, cover.store, cover.choice.copy())
    structure, store = cover.structure, cover.store
    choice = cover.choice.copy()
    narrowed = CutStore(structure.nodes, store.limit)
    kernels.restrict(
        structure.first,
        store.leaves,
        store.sizes,
        store.counts,
        cover.choice,
        _deadlines(cover, bound),
        narrowed.leaves,
        narrowed.sizes,
        narrowed.counts,
        choice,
    )
    return Cover(structure, narrowed, choice)


def _anneal_once(cover: Cover, bound: int, steps: int, seed: int, temperatures: tuple[float, float]) -> Cover:
    work = narrow(cover, bound)
    structure, store = work.structure, work.store
    best_choice: Ints = np.zeros(structure.nodes, np.int32)
    annealing.anneal(
        structure.first,
        store.leaves,
        store.sizes,
        store.counts,
        work.choice,
        work.uses,
        work.area,
        *temperatures,
        steps,
        seed,
        best_choice,
    )
    return Cover(structure, store, best_choice)
