"""OR-Tools CP-SAT as the experts use it: all its strategies at once, until a clock has passed a deadline.

With one worker CP-SAT is one tree search, without the large neighbourhoods, the linear relaxations and the
diving that find and prove most of what it can. Workers are threads, so with a clock that adds up the time of all of
them a budget buys about the same work on one core as on many.
"""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable

from ortools.sat.python import cp_model

from heurigym.experts.stopping import stopping

STRATEGIES = 8
"""Workers: the least number with which CP-SAT runs its neighbourhoods beside its searches for proofs."""


def version() -> str:
    """The version of OR-Tools."""
    return importlib.metadata.version("ortools")


def solve(
    model: cp_model.CpModel,
    deadline: float,
    seed: int = 0,
    clock: Callable[[], float] = time.process_time,
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    """Solve a model until ``clock`` passes ``deadline``; the solver, which has values and bound, and its status.

    What is found within a deadline differs from run to run; a proven optimum does not.

    Args:
        model: what to solve.
        deadline: on ``clock``.
        seed: of the solver, any integer.
        clock: what tells the time.
    """
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = STRATEGIES
    solver.parameters.random_seed = seed % 2**31
    with stopping(solver.stop_search, deadline, clock):
        return solver, solver.solve(model)


def has_values(status: cp_model.CpSolverStatus) -> bool:
    """Whether a solver of this status has a solution."""
    return status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
