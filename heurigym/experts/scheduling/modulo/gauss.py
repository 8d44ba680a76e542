"""GauS, formulation C, for loops: Gaussian starts for the registers, decoded by iterative modulo scheduling.

The search of :mod:`heurigym.experts.scheduling.gauss` moves all starts at once and knows units only through its
Lagrangian; its means are the wishes with which :func:`schedule_at` places operations on units. A schedule that this
fails on counts as worse than any other.
"""

import numpy as np

from heurigym.experts.scheduling import gauss
from heurigym.experts.scheduling.graph import Graph
from heurigym.experts.scheduling.modulo.annealing import Effort, improve
from heurigym.experts.scheduling.modulo.iterative import schedule_at
from heurigym.experts.scheduling.modulo.loop import UNLIMITED, Floats, Ints, Loop, Schedule, registers

_WINDOW = 3
"""Intervals that the horizon leaves beyond the schedule that the search begins with."""


def search_registers(
    loop: Loop,
    begin: Schedule,
    seconds: float,
    seed: int,
    options: gauss.Options | None = None,
    moves: int = 0,
) -> Schedule:
    """The schedule of fewest registers that GauS finds at the interval of ``begin``; never worse than that one.

    Values without bits, and edges that carry none, do not count; latency-0 results count one cycle more here than
    in the exact objective, by which decoded schedules are compared.

    Args:
        loop: what to schedule.
        begin: a feasible schedule to begin with.
        seconds: processor time.
        seed: of the search.
        options: of the search; the improved ones by default.
        moves: annealing moves for each operation with which each decoded schedule is settled.

    Raises:
        ImportError: JAX is missing.
        ValueError: a cycle of distance 0, which the search's graphs do not have.
    """
    interval = begin.interval
    starts = begin.from_zero()
    graph = Graph.of(
        loop.latency,
        np.stack([loop.source, loop.target], axis=1),
        loop.weight - loop.latency[loop.source],
        loop.distance,
    )
    limited = loop.units != UNLIMITED
    kind = np.where(limited[loop.kind] & (loop.blocking > 0), np.cumsum(limited)[loop.kind] - 1, -1)
    resources = gauss.Resources(
        kind.astype(np.int64), loop.blocking, np.ones(int(limited.sum())), loop.units[limited].astype(np.int64)
    )
    read = np.zeros(len(loop), np.bool_)
    read[loop.source[loop.carries]] = True
    values = gauss.Values(np.where(read, loop.bits, 0), np.zeros(len(loop), np.bool_))
    best = [begin]

    def decode(means: Floats) -> tuple[Ints, float]:
        wishes = np.rint(means).astype(np.int64)
        schedule = schedule_at(loop, interval, None, wishes)
        if schedule is None:
            return starts, float(registers(loop, begin)) * 2
        if moves:
            schedule = improve(loop, schedule, seed, effort=Effort(rounds=1, moves=moves * len(loop)))
        peak = registers(loop, schedule)
        if peak < registers(loop, best[0]):
            best[0] = schedule
        return schedule.from_zero(), float(peak)

    horizon = int((starts + np.maximum(loop.latency, loop.blocking)).max()) + _WINDOW * interval
    how = gauss.Search(
        initial=starts.astype(np.float64),
        decode=decode,
        seconds=seconds,
        seed=seed,
        options=options or gauss.Options(),
    )
    gauss.minimise_folded_live_bits(graph, values, resources, interval, horizon, how)
    return best[0]
