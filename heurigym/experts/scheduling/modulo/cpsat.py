"""Modulo scheduling at one interval as a CP-SAT model: slots and stages, units and registers as cumulatives.

Starts are s(i) = tau(i) + T * k(i) with a slot tau(i) in [0, T). What lasts q * T + r cycles
counts q times everywhere and once in the r slots from the first on; what passes the end of the period is
caught by a copy of the interval T later, and the cumulative constraint then holds over two periods.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from heurigym.experts import timed_cpsat
from heurigym.experts.scheduling.modulo.arrays import arrays_of
from heurigym.experts.scheduling.modulo.iterative import longest_tails
from heurigym.experts.scheduling.modulo.lifetimes import least_lifetimes
from heurigym.experts.scheduling.modulo.loop import UNLIMITED, Loop, Schedule, lifetimes, registers

MOST_STAGES = 300
"""Models have all the stages that a schedule may need up to this many, else those of a compact schedule."""


@dataclass(frozen=True)
class Answer:
    """What CP-SAT found at an interval.

    Attributes:
        schedule: the best schedule, or ``None``.
        bound: register bits of every schedule with this interval are at least this many.
        impossible: whether no schedule with this interval and within the stages exists is proven.
    """

    schedule: Schedule | None
    bound: int
    impossible: bool


def solve(
    loop: Loop,
    interval: int,
    seconds: float,
    seed: int,
    hint: Schedule | None = None,
    feasibility_only: bool = False,
    clock: Callable[[], float] = time.process_time,
) -> Answer:
    """The schedule of fewest registers that CP-SAT finds in about ``seconds`` of ``clock``.

    Args:
        loop: what to schedule.
        interval: T, at least RecMII.
        seconds: time limit.
        seed: of the solver.
        hint: a schedule with this interval to start from.
        feasibility_only: stop at the first schedule and leave registers out of the model.
        clock: what tells the time; the model's making counts.
    """
    deadline = clock() + seconds
    model = _Model(loop, interval, hint)
    if not feasibility_only:
        model.minimise_registers()
    solver, status = timed_cpsat.solve(model.model, deadline, seed, clock)
    if timed_cpsat.has_values(status):
        starts = np.array([solver.value(start) for start in model.starts], dtype=np.int64)
        bound = 0 if feasibility_only else math.ceil(solver.best_objective_bound - 1e-6)
        return Answer(Schedule(interval, starts), bound if model.is_whole else 0, False)
    bound = 0 if feasibility_only or not model.is_whole else max(0, math.ceil(solver.best_objective_bound - 1e-6))
    return Answer(None, bound, status == cp_model.INFEASIBLE and model.is_whole)


class _Model:
    """The model at one interval.

    Attributes:
        model: for CP-SAT.
        starts: s(i).
        is_whole: whether its bounds hold for every schedule, however long.
    """

    def __init__(self, loop: Loop, interval: int, hint: Schedule | None) -> None:
        self.model = cp_model.CpModel()
        self._loop = loop
        self._interval = interval
        self._hint = hint
        shifted = None if hint is None else hint.starts - interval * (int(hint.starts.min()) // interval)
        longest = 0 if shifted is None else int(shifted.max(initial=0)) + 1
        stages = stages_enough(loop, interval)
        self.is_whole = stages <= MOST_STAGES
        if not self.is_whole:
            path = int(longest_tails(arrays_of(loop), interval).max(initial=0))
            stages = max(longest, path) // interval + 3
        self._span = max(longest, interval * stages)
        self._slots, self.starts = [], []
        for operation in range(len(loop)):
            slot = self.model.new_int_var(0, interval - 1, "")
            stage = self.model.new_int_var(0, -(-self._span // interval), "")
            self._slots.append(slot)
            self.starts.append(slot + interval * stage)
            if shifted is not None:
                self.model.add_hint(slot, int(shifted[operation]) % interval)
                self.model.add_hint(stage, int(shifted[operation]) // interval)
        self._shifted = shifted
        self._add_edges()
        self._add_units()

    def _add_edges(self) -> None:
        loop = self._loop
        rows = zip(loop.source, loop.target, loop.weight, loop.distance, strict=True)
        for source, target, weight, distance in rows:
            if source != target:
                reach = int(weight - distance * self._interval)
                self.model.add(self.starts[target] >= self.starts[source] + reach)

    def _add_units(self) -> None:
        loop, interval = self._loop, self._interval
        for kind, units in enumerate(loop.units):
            members = np.flatnonzero((loop.kind == kind) & (loop.blocking > 0))
            if units == UNLIMITED or not len(members):
                continue
            turns, rest = divmod(int(loop.blocking[members[0]]), interval)
            capacity = int(units) - turns * len(members)
            if rest == 0:
                if capacity < 0:
                    self.model.add_bool_or([])
                continue
            intervals = []
            for operation in members:
                slot = self._slots[operation]
                intervals.append(self.model.new_fixed_size_interval_var(slot, rest, ""))
                if rest > 1:
                    intervals.append(self.model.new_fixed_size_interval_var(slot + interval, rest, ""))
            if capacity == 1:
                self.model.add_no_overlap(intervals)
            else:
                self.model.add_cumulative(intervals, [1] * len(intervals), max(0, capacity))

    def minimise_registers(self) -> None:
        """Add lifetimes, their fold, and the objective."""
        loop, interval, model = self._loop, self._interval, self.model
        readers: dict[int, list[tuple[int, int]]] = {}
        for edge in np.flatnonzero(loop.carries):
            readers.setdefault(int(loop.source[edge]), []).append(
                (int(loop.target[edge]), int(loop.distance[edge]))
            )
        intervals, demands, whole = [], [], []
        longest = self._span + interval * int(loop.distance.max(initial=0) + 2)
        lives = None if self._hint is None else lifetimes(loop, self._hint)
        for value, uses in readers.items():
            bits, delivery = int(loop.bits[value]), int(loop.delivery[value])
            if bits == 0:
                continue
            turns = model.new_int_var(0, longest // interval + 1, "")
            rest = model.new_int_var(0, interval - 1, "")
            end = self.starts[value] + delivery + turns * interval + rest
            for target, distance in uses:
                model.add(end > self.starts[target] + distance * interval)
            # The slot of the delivery, so that folded stretches begin within the first period.
            begin = model.new_int_var(0, interval - 1, "")
            wrap = model.new_int_var(0, (interval - 1 + delivery) // interval, "")
            model.add(self._slots[value] + delivery == begin + interval * wrap)
            finish = model.new_int_var(0, 2 * interval - 2, "")
            intervals.append(model.new_interval_var(begin, rest, finish, ""))
            intervals.append(model.new_interval_var(begin + interval, rest, finish + interval, ""))
            demands += [bits, bits]
            whole.append(bits * turns)
            if lives is not None and self._shifted is not None:
                ready = int(self._shifted[value]) % interval + delivery
                for variable, hinted in (
                    (turns, int(lives[value]) // interval),
                    (rest, int(lives[value]) % interval),
                    (begin, ready % interval),
                    (wrap, ready // interval),
                    (finish, ready % interval + int(lives[value]) % interval),
                ):
                    model.add_hint(variable, hinted)
        most = int(loop.bits.sum()) * (longest // interval + 2)
        if self._hint is not None:
            most = registers(loop, self._hint)
        relaxed = least_lifetimes(loop, interval)
        least = 0 if relaxed is None else relaxed.register_bound(interval)
        peak = model.new_int_var(min(least, most), most, "")
        room = model.new_int_var(0, most, "")
        model.add(room + sum(whole) <= peak)
        if intervals:
            model.add_cumulative(intervals, demands, room)
        if self._hint is not None:
            model.add_hint(peak, most)
        model.minimize(peak)


def stages_enough(loop: Loop, interval: int) -> int:
    """A number of stages within which some schedule of fewest registers lies, if one exists at all.

    Sort the starts of a schedule. Where two neighbours are further apart than the largest gap that an edge needs
    and another T, everything after may move T cycles earlier: slots stay as they are, no edge breaks, and no value
    lives longer.
    """
    gaps = np.abs(loop.weight - loop.distance * interval)
    widest = int(gaps.max(initial=0)) + interval
    return max(1, -(-widest * max(1, len(loop)) // interval))
