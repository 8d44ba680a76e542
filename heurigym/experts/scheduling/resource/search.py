"""Local search: flatten the use of units by annealing, then lower the caps of one type after another.

Flattening minimises a sum of high powers of held units, as force-directed scheduling does of squares: the higher
the power, the more the fullest cycles count, which alone are paid for. No first temperature is best everywhere.
Lowering takes one unit of a type away, sometimes for cheaper units of another, and anneals the overload to zero.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from heurigym.experts.scheduling.graph import Floats, Ints
from heurigym.experts.scheduling.resource.moves import MoveState
from heurigym.experts.scheduling.resource.problem import ResourceProblem

TRADE_SHARE = 0.3
"""Share of the attempts that give units of one type for fewer, heavier ones of another."""
FLATTENING_SHARE = 0.4
"""Share of the moves that flatten; the rest lowers caps."""
_POWER = 6
_HEATS = (16.0, 64.0, 2.0)
"""First temperatures of flattening, in mean weights of a unit."""
_HOT_OVERLOAD, _COLD_OVERLOAD = 0.5, 0.08
_CHUNK = 20_000


class Budget(Protocol):
    """How many moves may still be tried."""

    def left(self) -> int:
        """Moves that are left."""

    def spend(self, moves: int) -> None:
        """Say that so many moves are about to be tried."""


@dataclass(slots=True)
class MoveBudget:
    """A fixed number of moves, so that a search can be repeated exactly."""

    moves: int

    def left(self) -> int:
        """Moves that are left."""
        return self.moves

    def spend(self, moves: int) -> None:
        """Say that so many moves are about to be tried."""
        self.moves -= moves


class TimeBudget:
    """Moves until a point in processor time, by the speed so far."""

    def __init__(self, seconds: float) -> None:
        self._began = time.process_time()
        self._end = self._began + seconds
        self._spent = 0

    def left(self) -> int:
        """Moves that are left."""
        now = time.process_time()
        if now >= self._end:
            return 0
        if not self._spent:
            return _CHUNK
        return max(1, int((self._end - now) * self._spent / max(1e-3, now - self._began)))

    def spend(self, moves: int) -> None:
        """Say that so many moves are about to be tried."""
        self._spent += moves


def local_search(problem: ResourceProblem, starts: Ints, least: Ints, budget: Budget, seed: int) -> Ints:
    """The best schedule found within a budget, never worse than ``starts``.

    Args:
        problem: the problem.
        starts: a feasible schedule.
        least: lower bound on the units of each type; caps are not lowered below it.
        budget: moves to try.
        seed: seed of the random choices.
    """
    rng = np.random.default_rng(seed)
    best = starts
    # The first moves are few: a budget in time does not know yet how fast they are.
    brief, long = 0.02, FLATTENING_SHARE / len(_HEATS)
    for share, heat in [*((brief, heat) for heat in _HEATS), *((long, heat) for heat in _HEATS)]:
        moves = min(budget.left(), max(_CHUNK, int(share * budget.left())))
        budget.spend(moves)
        found = flattened(problem, starts, least, moves, heat, int(rng.integers(1 << 30)))
        best = min(best, found, key=problem.objective)
    return _lowered(problem, best, least, budget, rng)


def flattened(problem: ResourceProblem, starts: Ints, least: Ints, moves: int, heat: float, seed: int) -> Ints:
    """The schedule after annealing powers of held units from ``starts``; it may be worse.

    Args:
        problem: the problem.
        starts: a feasible schedule.
        least: lower bound on the units of each type, relative to which units count.
        moves: number of moves.
        heat: first temperature, in mean weights of a unit.
        seed: seed of the random choices.
    """
    state = MoveState.of(problem, starts)
    hot = heat * float(problem.weight.mean())
    state.anneal(_powers(problem, least), moves, hot, 0.02 * hot, -np.inf, seed)
    return state.starts


def _lowered(problem: ResourceProblem, best: Ints, least: Ints, budget: Budget, rng: np.random.Generator) -> Ints:
    """Attempts get more moves with every failure, so that all types are tried before any is tried for long."""
    value, bound = problem.objective(best), int(least @ problem.weight)
    moves = float(max(_CHUNK, 5 * problem.nodes))
    current = best
    while value > bound and (left := budget.left()) > 0:
        caps = _lower_caps(problem, problem.units(best), least, rng)
        tried = int(min(moves, max(_CHUNK, left // 2), left))
        budget.spend(tried)
        found = within(problem, current if rng.random() < 0.5 else best, caps, tried, int(rng.integers(1 << 30)))
        current = found
        if problem.objective(found) < value:
            best = found
            value = problem.objective(best)
            moves = max(_CHUNK, moves / 2)
        else:
            moves *= 2 ** (1 / (2 * len(problem.kinds)))
    return best


def within(problem: ResourceProblem, starts: Ints, caps: Ints, moves: int, seed: int) -> Ints:
    """The schedule after annealing the units held beyond ``caps``, which stops when there are none."""
    state = MoveState.of(problem, starts)
    held = np.arange(int(state.usage.max(initial=0)) + problem.nodes + 2)
    table = np.maximum(0, held[None, :] - caps[:, None]).astype(np.float64)
    overload = float(np.take_along_axis(table, state.usage, axis=1).sum())
    state.anneal(table, moves, _HOT_OVERLOAD, _COLD_OVERLOAD, 0.5 - overload, seed)
    return state.starts


def _lower_caps(problem: ResourceProblem, units: Ints, least: Ints, rng: np.random.Generator) -> Ints:
    caps = units.copy()
    open_kinds = np.flatnonzero(units > least)
    kind = int(rng.choice(open_kinds))
    caps[kind] -= 1
    cheaper = np.flatnonzero(problem.weight < problem.weight[kind])
    if len(cheaper) and rng.random() < TRADE_SHARE:
        other = int(rng.choice(cheaper))
        caps[other] += (problem.weight[kind] - 1) // problem.weight[other]
    return caps


def _powers(problem: ResourceProblem, least: Ints) -> Floats:
    most = int(np.bincount(problem.kind, minlength=len(problem.kinds)).max(initial=0))
    unit = np.maximum(1, least)[:, None].astype(np.float64)
    return problem.weight[:, None] * unit * (np.arange(most + 2)[None, :] / unit) ** _POWER
