"""The expert of intra-operator parallelism: reduction, prices of memory, annealing along trees, and CP-SAT."""

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heurigym.experts.sharding import cpsat
from heurigym.experts.sharding.elimination import plan
from heurigym.experts.sharding.greedy import greedy
from heurigym.experts.sharding.pricing import price_memory, restart
from heurigym.experts.sharding.program import Program
from heurigym.experts.sharding.reduction import FORBIDDEN, Reduction
from heurigym.experts.sharding.relaxation import Relaxation, climb
from heurigym.experts.sharding.workspace import Workspace

_HEATS = (0.01, 0.1, 10.0, 0.01, 1.0)
"""First temperature of one round after the other, in average costs of a node."""
_COOLING = 0.003
"""Last temperature of a round, as a share of its first."""
_LARGEST_TREE = 100
_EVERYTHING = 2**31
_TREES = (_EVERYTHING, _EVERYTHING, _LARGEST_TREE)
"""Largest tree in one round after the other."""
_SHORTEST_S = 0.6
"""Seconds of a round of a small problem."""
_STEPS = 100_000
"""Most steps of the relaxation; the clock ends it earlier."""
_MOVES = 500
"""Moves between two looks at the clock."""
_SPREADS = (0.3, 1.0, 0.1)
"""Disturbance of costs and prices in one restart after the other."""
_PRICE_SHARES = (1.0, 0.0, 0.5)
"""Shares of the prices that the trees of one round after the other pay."""
_STAGES = (0.25, 1.0)
"""Ends of the stages, as shares of the time; each begins with a reduction below the best cost so far."""
_LEAST_CPSAT_S = 1.0
_CPSAT_SHARE = 0.25
_SMALL_MODEL = 6000
"""Problems of at most so many pairs give CP-SAT more of the time."""
_SMALL_MODEL_SHARE = 0.8


@dataclass(slots=True)
class Found:
    """What the search ends with.

    Attributes:
        chosen: a strategy for each node, which fit into memory.
        cost: its exact cost.
        bound: a proven lower bound, or ``None``.
        method: which methods found it.
    """

    chosen: list[int]
    cost: int
    bound: int | None
    method: str


def search(program: Program, seconds: float, seed: int, clock: Callable[[], float] = time.process_time) -> Found:
    """The best choice found in ``seconds`` by ``clock``.

    Raises:
        ValueError: no choice fits into memory.
    """
    begin = clock()
    found = _start(program)
    if not program.costs:
        return Found([], 0, 0, "least memory")
    chosen = greedy(program)
    if program.cost(chosen) < found.cost and program.fits(chosen):
        found = Found(chosen, program.cost(chosen), None, "one pass")
    for share in _STAGES:
        end = begin + share * seconds
        _stage(program, found, seed, end, share == _STAGES[-1], clock)
        if found.bound == found.cost or clock() >= begin + seconds:
            break
    return found


def _stage(program: Program, found: Found, seed: int, end: float, last: bool, clock: Callable[[], float]) -> None:
    """Reduce the problem below the cost of the best choice, and search what is left until ``end``."""
    begin = clock()

    def more(share: float) -> Callable[[], bool]:
        return lambda: clock() < begin + share * (end - begin)

    reduction = Reduction(program, found.cost + 1)
    reduction.reduce(more(0.5))
    space = Workspace(reduction.finish(), seed)
    price_memory(space, 300, more(0.6))
    _take(program, reduction, space, found, "prices")
    _enter(space, reduction, found)
    if space.best is not None:
        space.go_to(space.best)
        space.sweep(20, True)
        space.note()
        _take(program, reduction, space, found, "descent")
    _relax(program, reduction, space, found, seed, more(0.7))
    if found.bound == found.cost:
        return
    pairs = cpsat.pairs_below(space.arrays, float(found.cost))
    share = _SMALL_MODEL_SHARE if pairs <= _SMALL_MODEL else _CPSAT_SHARE
    exact = last and pairs <= cpsat.LARGEST_MODEL and share * (end - clock()) >= _LEAST_CPSAT_S
    _anneal(space, end - (share * (end - clock()) if exact else 0.0), seed, clock)
    _take(program, reduction, space, found, "annealing")
    if exact and space.best is not None and space.least < FORBIDDEN:
        _solve(program, reduction, space, found, max(0.1, end - clock()), seed)


def version() -> str:
    """The versions of this project and of its solvers."""
    return f"heurigym {importlib.metadata.version('heurigym')}, ortools {importlib.metadata.version('ortools')}"


def quick_search(program: Program, moves: int, seed: int = 0) -> list[int]:
    """A good choice after a fixed number of moves, the same one every time.

    Raises:
        ValueError: no choice fits into memory.
    """
    found = _start(program)
    reduction = Reduction(program)
    space = Workspace(reduction.finish(), seed)
    price_memory(space, 40)
    if space.best is None:
        _enter(space, reduction, found)
    if space.best is not None:
        space.go_to(space.best)
        steps = max(1, moves // _MOVES)
        hot = 10.0 * space.least / space.nodes
        for step in range(steps):
            space.anneal(_MOVES, hot * 0.001 ** (step / steps), _LARGEST_TREE)
    _take(program, reduction, space, found, "annealing")
    return found.chosen


def _start(program: Program) -> Found:
    chosen = program.frugal()
    if not program.fits(chosen):
        raise ValueError("no choice of strategies fits into the usage limit")
    return Found(chosen, program.cost(chosen), None, "least memory")


def _enter(space: Workspace, reduction: Reduction, found: Found) -> None:
    """Begin with the best choice so far, or the one of the reduced problem that is most like it."""
    space.go_to(reduction.reduced(found.chosen))
    space.note()


def _take(program: Program, reduction: Reduction, space: Workspace, found: Found, method: str) -> None:
    """Keep the best choice of the reduced problem if it is better, checked on the problem itself."""
    if space.best is None:
        return
    chosen = reduction.expanded(space.best)
    cost = program.cost(chosen)
    if cost < found.cost and program.fits(chosen):
        found.chosen, found.cost, found.method = chosen, cost, method


def _relax(
    program: Program,
    reduction: Reduction,
    space: Workspace,
    found: Found,
    seed: int,
    more: Callable[[], bool],
) -> None:
    """Where the graph is narrow, prove a bound and look for choices at exact prices of memory.

    The bound holds for choices that cost less than the cut, and what does not costs more than the best choice.
    """
    steps = plan(space.arrays) if space.nodes and space.least < FORBIDDEN else None
    if steps is None:
        return
    # A quick descent makes the cut of the relaxation tighter.
    if space.best is not None:
        space.go_to(space.best)
        space.anneal(20 * _MOVES, 0.1 * space.least / space.nodes, _LARGEST_TREE)
    relaxation = Relaxation(space.arrays, steps, int(space.least))
    climb(relaxation, space, _STEPS, seed, more)
    _take(program, reduction, space, found, "exact prices")
    if reduction.exact:
        found.bound = min(max(relaxation.bound, found.bound or 0), found.cost) or None


def _anneal(space: Workspace, deadline: float, seed: int, clock: Callable[[], float]) -> None:
    """Rounds of annealing, from the best choice so far and from restarts in turn, at different shares of prices."""
    if space.best is None or not space.nodes:
        return
    generator = np.random.default_rng(seed)
    rounds = 0
    least_length = max(_SHORTEST_S, space.nodes / 3000)
    while (now := clock()) < deadline:
        length = min(least_length * (1 + rounds // 8), deadline - now)
        space.go_to(space.best)
        if rounds % 2 and not restart(space, generator, _SPREADS[rounds // 2 % len(_SPREADS)]):
            space.go_to(space.best)
        space.set_prices(_PRICE_SHARES[rounds // 2 % len(_PRICE_SHARES)] * space.price)
        hot = _HEATS[rounds % len(_HEATS)] * space.least / space.nodes
        moves = max(5, min(_MOVES, 50_000 // space.nodes))
        while (passed := (clock() - now) / length) < 1.0 and clock() < deadline:
            space.anneal(moves, hot * _COOLING**passed, _TREES[rounds % len(_TREES)])
        rounds += 1


def _solve(
    program: Program, reduction: Reduction, space: Workspace, found: Found, seconds: float, seed: int
) -> None:
    """Improve the best choice by CP-SAT, and prove a bound.

    A bound of the reduced problem is one of the problem: its units of memory are rounded against the search only
    where the limit is above 10^12, and there no bound is kept.
    """
    assert space.best is not None
    chosen, bound = cpsat.solve(space.arrays, space.best, int(space.least), seconds, seed)
    if chosen is not None:
        space.go_to(chosen)
        space.note()
        _take(program, reduction, space, found, "CP-SAT")
    if bound is not None and reduction.exact:
        found.bound = min(max(bound, found.bound or 0), found.cost)
