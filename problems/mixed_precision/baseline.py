"""The expert of mixed-precision bit allocation; see :mod:`heurigym.experts.quantization.allocation_portfolio`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def solve(
    instance: list[Path], seconds: float, seed: int, clock: Callable[[], float] | None = None
) -> tuple[str, dict[str, Any]]:
    """The expert's allocation of an instance as the text of a solution file, and what is known of it.

    Args:
        instance: the instance file.
        seconds: time limit, by ``clock``.
        seed: seed of the heuristics.
        clock: what tells the time; wall time if ``None``.

    Raises:
        ImportError: the expert's packages are missing; the message says how to get them.
        ValueError: the instance is corrupt, or no uniform allocation keeps its budgets.
    """
    try:
        from heurigym.experts import timed_cpsat
        from heurigym.experts.quantization.allocation import read_allocation
        from heurigym.experts.quantization.allocation_portfolio import allocate
        from heurigym.experts.quiet_highs import version as highs_version
    except ImportError as error:
        raise ImportError(f"{error}; install the expert with: pip install 'heurigym[experts]'") from None
    problem = read_allocation(instance[0])
    found = allocate(problem, seconds, seed, **({} if clock is None else {"clock": clock}))
    return problem.solution_text(found.choice), {
        "objective": found.loss,
        "bound": found.bound,
        "solver": found.method,
        "version": f"HiGHS {highs_version()}, OR-Tools {timed_cpsat.version()}",
    }
