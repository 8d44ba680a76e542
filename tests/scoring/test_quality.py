import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from heurigym.scoring.quality import is_worse, quality, quality_uncapped

NUMBERS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**400), 10**400))
DIRECTIONS = st.sampled_from(["minimize", "maximize"])


@given(st.floats(1e-6, 1e9), st.floats(1e-6, 1e9))
def test_positive_minimisation_is_the_published_ratio(objective, expert):
    assert quality(objective, expert, "minimize") == pytest.approx(min(1.0, expert / objective), abs=1e-12)


@given(NUMBERS, NUMBERS, DIRECTIONS)
def test_quality_is_a_share_and_uncapped_quality_at_most_three(objective, expert, direction):
    capped = quality(objective, expert, direction)
    uncapped = quality_uncapped(objective, expert, direction)
    assert 0 <= capped <= 1
    assert capped <= uncapped <= 3
    assert (uncapped > 1) <= (not is_worse(objective, expert, direction) and objective != expert)
    if is_worse(objective, expert, direction):
        assert uncapped == capped


@given(NUMBERS, NUMBERS)
def test_maximising_is_minimising_the_negative(objective, expert):
    assert quality(objective, expert, "maximize") == quality(-objective, -expert, "minimize")


@given(st.floats(1e-300, 1e9), st.floats(1e-300, 1e9), st.floats(1e-300, 1e9))
def test_a_better_objective_never_scores_less(first, second, expert):
    assume(first < second)
    assert quality_uncapped(first, expert, "minimize") >= quality_uncapped(second, expert, "minimize")


@pytest.mark.parametrize(
    ("objective", "expert", "direction", "expected"),
    [
        (10, 10, "minimize", 1.0),
        (0, 0, "minimize", 1.0),
        (1, 0, "minimize", 0.0),
        (-1, -2, "minimize", 0.5),
        (1, -1, "minimize", 0.0),
        (80, 100, "maximize", 0.8),
        (4e-200, 2e-200, "minimize", 0.5),
        (2 * 10**400, 10**400, "minimize", 0.5),
    ],
)
def test_known_values(objective, expert, direction, expected):
    assert quality(objective, expert, direction) == expected


def test_beating_the_expert_by_a_fifth_is_worth_a_fifth_more():
    assert quality_uncapped(80, 100, "minimize") == pytest.approx(1.2)
    assert quality(80, 100, "minimize") == 1.0
