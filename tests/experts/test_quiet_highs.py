import math
from types import SimpleNamespace

import pytest

pytest.importorskip("highspy", reason="the experts need heurigym[experts]")

import highspy

from heurigym.experts.quiet_highs import has_solution, proven, quiet_highs, version


def knapsack(*, solver):
    """Cover at least 3 with pieces of 2 and 1 that cost 5 and 3: the optimum is 8."""
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = 2, 1
    program.col_cost_, program.col_lower_, program.col_upper_ = [5.0, 3.0], [0.0, 0.0], [2.0, 2.0]
    program.row_lower_, program.row_upper_ = [3.0], [math.inf]
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_, program.a_matrix_.index_, program.a_matrix_.value_ = [0, 2], [0, 1], [2.0, 1.0]
    program.integrality_ = [highspy.HighsVarType.kInteger] * 2
    solver.passModel(program)
    return solver


def test_it_prints_nothing_and_proves_the_optimum(capfd):
    solver = knapsack(solver=quiet_highs(3))
    assert not has_solution(solver)
    solver.run()
    assert has_solution(solver)
    assert proven(solver, 8.0) == pytest.approx(8.0)
    assert version()[0].isdigit()
    assert capfd.readouterr().out == ""


def telling(value, bound):
    """A solver that says these of its solution; the real one does only on models of thousands of rows."""
    return SimpleNamespace(getInfo=lambda: SimpleNamespace(mip_dual_bound=bound, objective_function_value=value))


@pytest.mark.parametrize(
    ("value", "bound", "cost"),
    [
        pytest.param(120.0, 120.0, 168.0, id="takes its solution for cheaper than it is"),
        pytest.param(168.0, 168.5, 168.0, id="bound beyond its own solution"),
        pytest.param(168.0, math.nan, 168.0, id="no number"),
    ],
)
def test_what_contradicts_itself_proves_nothing(value, bound, cost):
    assert proven(telling(value, bound), cost) == -math.inf


def test_rounding_is_no_contradiction():
    assert proven(telling(168.0 - 1e-9, 168.0 + 1e-9), 168.0) == pytest.approx(168.0)
    assert proven(telling(169.0, 120.0), 168.0) == 120.0
    assert proven(telling(math.inf, 120.0), None) == 120.0
