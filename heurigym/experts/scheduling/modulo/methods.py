"""Each method of pipelined scheduling alone, as a function of an instance file, a time limit and a seed."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from heurigym.experts.scheduling import gauss
from heurigym.experts.scheduling.modulo import cpsat as modulo_cpsat
from heurigym.experts.scheduling.modulo.annealing import Effort, compile_all, improve
from heurigym.experts.scheduling.modulo.gauss import search_registers
from heurigym.experts.scheduling.modulo.guided import guided_schedule
from heurigym.experts.scheduling.modulo.iterative import schedule_loop
from heurigym.experts.scheduling.modulo.lifetimes import least_lifetimes
from heurigym.experts.scheduling.modulo.loop import Ints, Loop, Schedule, objective, read_loop
from heurigym.experts.scheduling.modulo.portfolio import schedule_pipeline

Result: TypeAlias = tuple[int, int | None, Ints]
"""Objective, proven lower bound where the method has one, and starts in the order of the instance's operations."""

_DECODING_MOVES = 20
"""Annealing moves for each operation that settle a schedule decoded from means."""
_NO_LIMIT = 1_000_000
"""Time ends the search of GauS, not the number of rounds."""


def one_pass(instance: Path, budget_s: float, seed: int) -> Result:
    """List scheduling that takes nothing out again; the budget is not used up."""
    loop = read_loop(instance)
    return _result(loop, _found(schedule_loop(loop, replacements=0), instance), None)


def iterative(instance: Path, budget_s: float, seed: int) -> Result:
    """Rau's iterative modulo scheduling; the budget is not used up."""
    loop = read_loop(instance)
    return _result(loop, _first(loop, instance), None)


def sdc(instance: Path, budget_s: float, seed: int) -> Result:
    """Iterative modulo scheduling by the wishes of a lifetime-minimal schedule; the budget is not used up."""
    loop = read_loop(instance)
    schedule, bound = _guided(loop, _first(loop, instance))
    return _result(loop, schedule, bound)


def annealing(instance: Path, budget_s: float, seed: int) -> Result:
    """Annealing from the better of Rau's and the lifetime-guided schedule."""
    loop = read_loop(instance)
    first = _first(loop, instance)
    compile_all(loop, first)
    deadline = time.process_time() + budget_s
    schedule, bound = _guided(loop, first)
    effort = Effort(moves=max(50_000, 20 * len(loop)))
    return _result(loop, improve(loop, schedule, seed, deadline, effort, bound or 0), bound)


def cpsat(instance: Path, budget_s: float, seed: int) -> Result:
    """CP-SAT at the interval of Rau's schedule and hinted with it."""
    loop = read_loop(instance)
    first = _first(loop, instance)
    answer = modulo_cpsat.solve(loop, first.interval, budget_s, seed, first)
    return _result(loop, answer.schedule or first, answer.bound)


def gaus(instance: Path, budget_s: float, seed: int) -> Result:
    """GauS decoded by iterative modulo scheduling, from the better of Rau's and the lifetime-guided schedule."""
    return _gauss(instance, budget_s, seed, moves=0)


def gaus_decoded(instance: Path, budget_s: float, seed: int) -> Result:
    """GauS as in ``gaus``, each decoded schedule settled by a short annealing."""
    return _gauss(instance, budget_s, seed, moves=_DECODING_MOVES)


def _gauss(instance: Path, budget_s: float, seed: int, moves: int) -> Result:
    loop = read_loop(instance)
    first = _first(loop, instance)
    begin = time.process_time()
    schedule, bound = _guided(loop, first)
    left = max(0.1, begin + budget_s - time.process_time())
    options = gauss.Options(rounds=_NO_LIMIT)
    return _result(loop, search_registers(loop, schedule, left, seed, options, moves), bound)


def portfolio(instance: Path, budget_s: float, seed: int) -> Result:
    """The expert of the problem."""
    loop = read_loop(instance)
    found = schedule_pipeline(loop, budget_s, seed)
    return found.objective, found.bound, found.schedule.from_zero()


METHODS: dict[str, Callable[[Path, float, int], Result]] = {
    "one pass": one_pass,
    "iterative modulo": iterative,
    "SDC": sdc,
    "annealing": annealing,
    "CP-SAT": cpsat,
    "GauS": gaus,
    "GauS with decoding": gaus_decoded,
    "portfolio": portfolio,
}
"""Every method by the name that figures show."""


def _first(loop: Loop, instance: Path) -> Schedule:
    return _found(schedule_loop(loop), instance)


def _found(schedule: Schedule | None, instance: Path) -> Schedule:
    if schedule is None:
        raise ValueError(f"{instance}: no schedule with an allowed interval was found")
    return schedule


def _guided(loop: Loop, first: Schedule) -> tuple[Schedule, int | None]:
    """The better of a schedule and the guided one at its interval, and the bound on registers there."""
    relaxed = least_lifetimes(loop, first.interval)
    guided = guided_schedule(loop, first.interval, relaxed)
    bound = None if relaxed is None else relaxed.register_bound(first.interval)
    schedules = [first] if guided is None else [first, guided]
    return min(schedules, key=lambda schedule: objective(loop, schedule)), bound


def _result(loop: Loop, schedule: Schedule, registers_at_least: int | None) -> Result:
    """The bound on registers holds at the schedule's interval, so it bounds the objective at the least one only."""
    value = objective(loop, schedule)
    bound = registers_at_least
    if bound is not None and loop.most != loop.least:
        bound = min(bound, loop.interval_weight) if schedule.interval == loop.least else None
    return value, None if bound is None else min(bound, value), schedule.from_zero()
