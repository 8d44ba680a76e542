import time

import pytest

pytest.importorskip("ortools", reason="the experts need heurigym[experts]")

from ortools.sat.python import cp_model

from heurigym.experts import timed_cpsat


def jobs(*, durations: list[int], machines: int) -> cp_model.CpModel:
    """The shortest time in which identical machines do all jobs."""
    model = cp_model.CpModel()
    longest = model.new_int_var(0, sum(durations), "")
    picked = [[model.new_bool_var("") for _ in durations] for _ in range(machines)]
    for of_job in zip(*picked, strict=True):
        model.add_exactly_one(of_job)
    for of_machine in picked:
        model.add(sum(time * taken for time, taken in zip(durations, of_machine, strict=True)) <= longest)
    model.minimize(longest)
    return model


def test_it_proves_an_optimum_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solver, status = timed_cpsat.solve(jobs(durations=[5, 4, 3, 3, 3], machines=2), time.process_time() + 30, 2**40)
    assert timed_cpsat.has_values(status)
    assert status == cp_model.OPTIMAL
    assert (solver.objective_value, solver.best_objective_bound) == (9, 9)
    assert capfd.readouterr().out == ""
    assert timed_cpsat.version()[0].isdigit()


def test_it_ends_at_the_deadline_of_the_clock_that_it_is_given() -> None:
    # Jobs of many lengths on nine machines: nobody proves the least time within two readings of the clock.
    model = jobs(durations=[2 * (97 * n % 1009) + 1001 for n in range(1, 200)], machines=9)
    readings = iter([0.0, 0.0])
    _, status = timed_cpsat.solve(model, 1.0, clock=lambda: next(readings, 2.0))
    assert status in (cp_model.UNKNOWN, cp_model.FEASIBLE)


def test_what_is_impossible_has_no_values() -> None:
    model = cp_model.CpModel()
    model.add(model.new_int_var(0, 1, "") == 2)
    _, status = timed_cpsat.solve(model, time.process_time() + 30)
    assert status == cp_model.INFEASIBLE
    assert not timed_cpsat.has_values(status)
