from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring_samples import make_sample

from heurigym.scoring.samples import Row
from heurigym.scoring.solve import at_least_one, solve_at


def row(*samples, attempts):
    """A row from the stages of its samples: attempts x instances each."""
    return Row("row", [make_sample([None] * len(stages[0]), stages=stages) for stages in samples], attempts)


def test_any_of_the_first_attempts_counts():
    made = row([[1, 0], [3, 0], [0, 2]], attempts=3)
    assert solve_at(made, 3, 1) == 0
    assert solve_at(made, 3, 2) == 0.5
    assert solve_at(made, 1, 1) == 0.5
    assert solve_at(made, 2, 3) == 1


def test_samples_are_averaged():
    assert solve_at(row([[3]], [[0]], [[3]], attempts=1), 3, 1) == pytest.approx(2 / 3)


def test_more_attempts_than_a_trajectory_has_take_whole_trajectories():
    made = row([[3], [0]], [[0], [0]], [[0], [0]], attempts=2)
    assert solve_at(made, 3, 4) == pytest.approx(2 / 3)
    assert solve_at(made, 3, 6) == 1
    assert solve_at(made, 3, 3) is None
    assert solve_at(made, 3, 8) is None


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(1, 8))
def test_the_estimator_is_the_mean_over_all_subsets(solved, picked):
    found = at_least_one(len(solved), sum(solved), picked)
    if picked > len(solved):
        assert found != found
    else:
        subsets = list(combinations(solved, picked))
        assert found == pytest.approx(sum(any(subset) for subset in subsets) / len(subsets))


def test_a_harness_error_is_unknown_unless_another_attempt_passed():
    made = row([[-1, -1, 0], [3, 0, 0]], attempts=2)
    assert solve_at(made, 3, 1) == 0
    assert solve_at(made, 3, 2) == 0.5


def test_what_was_not_judged_cannot_be_estimated():
    assert solve_at(Row("row", [make_sample([0.5])]), 3, 1) is None
    assert solve_at(Row("row", []), 3, 1) is None
