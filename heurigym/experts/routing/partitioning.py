"""The best choice among known routes: set partitioning by HiGHS.

After Y. Rochat and E. D. Taillard (Probabilistic diversification and intensification in local search for vehicle
routing, Journal of Heuristics 1, 1995): routes of good solutions are recombined by an integer program.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import highspy
import numpy as np

from heurigym.experts.quiet_highs import has_solution, quiet_highs
from heurigym.experts.routing.network import Ints, PickupDelivery, Routes
from heurigym.experts.stopping import stopping


def recombine(
    problem: PickupDelivery,
    costs: Ints,
    routes: Routes,
    seconds: float,
    seed: int,
    clock: Callable[[], float] = time.process_time,
) -> Routes:
    """The shortest choice of known routes that serves each request once, as far as it is found; else nothing.

    Args:
        problem: the instance.
        costs: length of each route in hundredths.
        routes: feasible routes.
        seconds: limit by ``clock``.
        seed: seed of HiGHS.
        clock: what tells the time.
    """
    end = clock() + seconds
    if not routes:
        return []
    solver = quiet_highs(seed)
    solver.passModel(_program(problem, costs, routes))
    solver.HandleUserInterrupt = True
    with stopping(solver.cancelSolve, end, clock):
        solver.solve()
    if not has_solution(solver):
        return []
    values = np.asarray(solver.getSolution().col_value)
    return [routes[column] for column in np.flatnonzero(values > 0.5)]


def _program(problem: PickupDelivery, costs: Ints, routes: Routes) -> highspy.HighsLp:
    requests, count = problem.requests, len(routes)
    columns = [[stop - 1 for stop in stops if stop <= requests] + [requests] for stops in routes]
    starts = np.concatenate(([0], np.cumsum([len(column) for column in columns])))
    rows = np.concatenate([np.asarray(column) for column in columns])
    program = highspy.HighsLp()
    program.num_col_ = count
    program.num_row_ = requests + 1
    program.col_cost_ = costs.astype(float)
    program.col_lower_ = np.zeros(count)
    program.col_upper_ = np.ones(count)
    program.row_lower_ = np.concatenate((np.ones(requests), [0.0]))
    program.row_upper_ = np.concatenate((np.ones(requests), [float(problem.vehicles)]))
    program.integrality_ = [highspy.HighsVarType.kInteger] * count
    matrix = program.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = starts
    matrix.index_ = rows
    matrix.value_ = np.ones(len(rows))
    return program


def serves_all(problem: PickupDelivery, routes: Sequence[Sequence[int]]) -> bool:
    """Whether feasible routes serve each request once with the vehicles that there are."""
    served = sorted(stop for stops in routes for stop in stops)
    return (
        served == list(range(1, 2 * problem.requests + 1))
        and len(routes) <= problem.vehicles
        and all(problem.is_feasible(stops) for stops in routes)
    )
