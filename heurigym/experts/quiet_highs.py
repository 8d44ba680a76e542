"""HiGHS as every expert uses it: one thread, nothing on standard output, and no start.

HiGHS 1.16.0 must not be given a start. With presolve it takes some starts for cheaper than they are and then proves
that nothing is cheaper: from an extraction that costs 168 it "proves" 120 where the optimum is 134. Without a start
it is right on the same model, and what it proves is checked against what it found, see :func:`proven`.
"""

import contextlib
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import highspy

_TOLERANCE = 1e-6
"""Relative difference of two values of HiGHS that is taken for rounding."""


def quiet_highs(seed: int = 0) -> Any:
    """A solver of one thread that prints nothing and ends only at the optimum itself."""
    with _silenced():
        # The constructor has no annotations, and it prints a banner before it can be told not to.
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    for option, value in (("threads", 1), ("random_seed", seed), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-9)):
        solver.setOptionValue(option, value)
    return solver


def version() -> str:
    """The version of HiGHS."""
    return str(quiet_highs().version())


def has_solution(solver: Any) -> bool:
    """Whether the solver found a solution of its model."""
    return bool(solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible)


def proven(solver: Any, cost: float | None) -> float:
    """The lower bound that the solver proved for its minimisation, or minus infinity where it contradicts itself.

    Args:
        solver: a solver that has run.
        cost: what its solution costs, computed from the solution alone; ``None`` where it has none.
    """
    info = solver.getInfo()
    bound = float(info.mip_dual_bound)
    if cost is None:
        return bound
    slack = _TOLERANCE * max(1.0, abs(cost))
    claimed = float(info.objective_function_value)
    if cost > claimed + slack or bound > cost + slack or math.isnan(bound):
        return -math.inf
    return bound


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Nothing on standard output, whoever writes there."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
