"""The methods of memory scheduling side by side, each with a budget of processor time and one thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from heurigym.experts.scheduling import gauss
from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.memory import search as memory_search
from heurigym.experts.scheduling.memory.bounds import combinatorial_bound
from heurigym.experts.scheduling.memory.force import force_directed
from heurigym.experts.scheduling.memory.problem import MemoryProblem

Result: TypeAlias = tuple[int, int | None, Ints]
"""Objective, proven bound or ``None``, and starts."""
Method: TypeAlias = Callable[[Path, float, int], Result]
"""Takes an instance file, seconds of processor time and a seed."""

_NO_LIMIT = 1_000_000


def one_pass(instance: Path, budget_s: float, seed: int) -> Result:
    """The best of ASAP, ALAP and the lists; it needs no budget."""
    return _result(memory_search.one_pass(MemoryProblem.read(instance)))


def force(instance: Path, budget_s: float, seed: int) -> Result:
    """Force-directed scheduling in one sweep."""
    problem = MemoryProblem.read(instance)
    starts = force_directed(problem, budget_s)
    return problem.peak(starts), None, starts


def annealing(instance: Path, budget_s: float, seed: int) -> Result:
    """Annealing from the one-pass schedules."""
    limit = time.process_time() + budget_s
    problem = MemoryProblem.read(instance)
    best = memory_search.one_pass(problem)
    memory_search.improve_by_annealing(best, limit, combinatorial_bound(problem), seed)
    return _result(best)


def cpsat(instance: Path, budget_s: float, seed: int) -> Result:
    """CP-SAT hinted with the best one-pass schedule."""
    from heurigym.experts.scheduling.memory import cpsat as memory_cpsat

    limit = time.process_time() + budget_s
    problem = MemoryProblem.read(instance)
    hint = memory_search.one_pass(problem).starts
    starts, bound = memory_cpsat.solve(problem, hint, limit - time.process_time(), seed)
    return problem.peak(starts), bound, starts


def gauss_faithful(instance: Path, budget_s: float, seed: int) -> Result:
    """GauS as published, from the middles, decoded by legalisation alone."""
    return _gauss(instance, budget_s, seed, gauss.FAITHFUL, from_lists=False, moves=0)


def gauss_improved(instance: Path, budget_s: float, seed: int) -> Result:
    """GauS with this project's improvements, from the best one-pass schedule, decoded by legalisation alone."""
    return _gauss(instance, budget_s, seed, gauss.Options(), from_lists=True, moves=0)


def gauss_decoded(instance: Path, budget_s: float, seed: int) -> Result:
    """GauS as in ``gauss_improved``, each round decoded by legalisation and a short cold annealing."""
    return _gauss(instance, budget_s, seed, gauss.Options(), from_lists=True, moves=None)


def _gauss(
    instance: Path, budget_s: float, seed: int, options: gauss.Options, *, from_lists: bool, moves: int | None
) -> Result:
    limit = time.process_time() + budget_s
    problem = MemoryProblem.read(instance)
    initial = memory_search.one_pass(problem).starts if from_lists else None
    found = gauss.minimise_live_bits(
        problem.graph,
        problem.values,
        problem.deadline,
        gauss.Search(
            initial=initial,
            decode=memory_search.decoder(problem, moves),
            seconds=limit - time.process_time(),
            seed=seed,
            options=replace(options, rounds=_NO_LIMIT),
        ),
    )
    return problem.peak(found.starts), None, found.starts


def portfolio(instance: Path, budget_s: float, seed: int) -> Result:
    """The expert of the problem."""
    best, bound = memory_search.search(MemoryProblem.read(instance), budget_s, seed)
    return best.peak, bound, best.starts


def _result(best: memory_search.Best) -> Result:
    return best.peak, None, best.starts


METHODS: dict[str, Method] = {
    "one pass": one_pass,
    "force-directed": force,
    "annealing": annealing,
    "CP-SAT": cpsat,
    "GauS as published": gauss_faithful,
    "GauS improved": gauss_improved,
    "GauS with decoding": gauss_decoded,
    "portfolio": portfolio,
}
"""The methods by name."""
