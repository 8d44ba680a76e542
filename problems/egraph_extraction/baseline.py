"""The expert of e-graph extraction; see :mod:`heurigym.experts.egraph`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def solve(
    instance: list[Path], seconds: float, seed: int, clock: Callable[[], float] | None = None
) -> tuple[str, dict[str, Any]]:
    """The expert's solution of an instance as the text of a solution file, and what is known of it.

    Args:
        instance: the instance file.
        seconds: time limit, by ``clock``.
        seed: seed of the heuristics.
        clock: what tells the time; wall time if ``None``.

    Raises:
        ImportError: the expert's packages are missing; the message says how to get them.
        ValueError: the instance is corrupt or has no extraction.
    """
    try:
        from heurigym.experts import timed_cpsat
        from heurigym.experts.egraph.graph import read_egraph
        from heurigym.experts.egraph.portfolio import extract
        from heurigym.experts.quiet_highs import version as highs_version
    except ImportError as error:
        raise ImportError(f"{error}; install the expert with: pip install 'heurigym[experts]'") from None
    graph = read_egraph(instance[0])
    found = extract(graph, seconds, seed, **({} if clock is None else {"clock": clock}))
    cost = float(found.cost)
    return graph.solution_text(found.choice), {
        "objective": int(cost) if cost.is_integer() else cost,
        "bound": int(found.bound) if found.bound is not None and found.bound.is_integer() else found.bound,
        "optimal": found.optimal,
        "solver": found.method,
        "version": f"HiGHS {highs_version()}, OR-Tools {timed_cpsat.version()}",
    }
