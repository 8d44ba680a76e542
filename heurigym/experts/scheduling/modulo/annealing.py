"""Fewer registers at a fixed interval, by simulated annealing from a feasible schedule."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from heurigym.experts.scheduling.modulo.arrays import arrays_of
from heurigym.experts.scheduling.modulo.loop import Loop, Schedule, registers
from heurigym.experts.scheduling.modulo.moves import anneal, new_state

GOALS = (0.97, 0.9)
"""Goals of the rounds as shares of the lowest peak so far, in turn."""
HEATS = (0.3, 1.0, 0.1, 3.0)
"""First temperatures of the rounds, in squares of the widest value's bits, in turn."""
_COLD = 0.002
_BIT_WEIGHT = 0.02
"""Cost of a register bit in a slot, as a share of the widest value's bits."""


@dataclass(frozen=True)
class Effort:
    """How long to anneal.

    Attributes:
        rounds: number of rounds at most.
        moves: proposed moves of the first round.
        growth: factor on the moves after each round.
    """

    rounds: int = 1_000_000
    moves: int = 50_000
    growth: float = 1.3


def improve(
    loop: Loop,
    schedule: Schedule,
    seed: int,
    deadline: float = float("inf"),
    effort: Effort = Effort(),
    bound: int = 0,
    clock: Callable[[], float] = time.process_time,
) -> Schedule:
    """The schedule of least peak that rounds of annealing meet; never worse than the given one.

    Args:
        loop: the loop.
        schedule: a feasible schedule.
        seed: of the random numbers; without a deadline it alone decides the result.
        deadline: by ``clock``; looked at within rounds.
        effort: number and length of rounds.
        bound: registers that no schedule undercuts; reaching them ends the search.
        clock: what tells the time.
    """
    best = schedule
    for found in improvements(loop, schedule, seed, deadline, effort, clock):
        best = found
        if registers(loop, best) <= bound:
            break
    return best


def improvements(
    loop: Loop,
    schedule: Schedule,
    seed: int,
    deadline: float,
    effort: Effort,
    clock: Callable[[], float] = time.process_time,
) -> Iterator[Schedule]:
    """The best schedule so far after each round; arguments as for :func:`improve`."""
    if not len(loop) or not loop.bits.any():
        return
    arrays = arrays_of(loop)
    best = schedule.starts.copy()
    peak = registers(loop, schedule)
    wide = float(loop.bits.max())
    moves = effort.moves
    settings = itertools.cycle(itertools.product(GOALS, HEATS))
    state = new_state(arrays, schedule.interval, best)
    for number, (goal, heat) in zip(range(effort.rounds), settings, strict=False):
        if number % 2 == 0:
            state = new_state(arrays, schedule.interval, best)
        chunk, done = 20_000, 0
        hot, cold = heat * wide * wide, _COLD * wide * wide
        ratio = cold / hot
        while done < moves and clock() < deadline:
            size = min(chunk, moves - done)
            begin, end = hot * ratio ** (done / moves), hot * ratio ** ((done + size) / moves)
            draw = (seed * 1_000_003 + number * 7919 + done) % (1 << 31)
            peak = anneal(arrays, state, best, peak, goal, begin, end, _BIT_WEIGHT * wide, size, draw)
            done += size
        yield Schedule(schedule.interval, best.copy())
        if clock() >= deadline:
            return
        moves = round(moves * effort.growth)


def compile_all(loop: Loop, schedule: Schedule) -> None:
    """Compile what :func:`improve` runs, so that its time counts for nobody's budget."""
    improve(loop, schedule, 0, effort=Effort(rounds=1, moves=10))
