import numpy as np
import pytest

from heurigym.scoring.ranking import compare, compare_all, rank_all


def spread_around(value, width, seed, size=4000):
    return np.random.default_rng(seed).normal(value, width, size).astype(np.float32)


def ranked(values, replicated):
    values = np.array(values)
    replicated = np.stack(replicated)
    return rank_all(values, replicated, compare_all(values, replicated))


def test_a_clear_lead_is_a_rank_of_its_own():
    first, second = ranked([0.9, 0.5], [spread_around(0.9, 0.01, 1), spread_around(0.5, 0.01, 2)])
    assert (first.rank, first.low, first.high) == (1, 1, 1)
    assert (second.rank, second.low, second.high) == (2, 2, 2)
    assert not first.unresolved and not first.wide
    assert first.gap_below == pytest.approx(0.4)
    assert second.gap_below is None


def test_what_chance_could_have_made_is_a_tie():
    first, second, third = ranked(
        [0.60, 0.61, 0.2], [spread_around(0.60, 0.05, 1), spread_around(0.61, 0.05, 2), spread_around(0.2, 0.01, 3)]
    )
    assert first.rank == second.rank == 1
    assert third.rank == 3
    assert (first.low, first.high) == (1, 2)
    assert first.unresolved and second.unresolved and not third.unresolved
    assert first.wide and second.wide


def test_a_paired_difference_can_tell_apart_what_intervals_cannot():
    hard = spread_around(0.0, 0.1, 7)
    first, second = ranked([0.62, 0.60], [0.62 + hard, 0.60 + hard])
    assert (first.rank, second.rank) == (1, 2)
    assert first.wide and not first.unresolved


def test_equal_rows_share_everything():
    same = spread_around(0.5, 0.1, 1)
    first, second = ranked([0.5, 0.5], [same, same])
    assert first.rank == second.rank == 1
    assert first.high == second.high == 1
    assert compare(0.5, 0.5, same, same).superiority == 0.5


def test_comparisons_are_antisymmetric():
    values = np.array([0.3, 0.5, 0.4])
    table = compare_all(values, np.stack([spread_around(value, 0.1, index) for index, value in enumerate(values)]))
    for one in range(3):
        assert table[one][one] is None
        for other in range(3):
            if one != other:
                forth, back = table[one][other], table[other][one]
                assert forth.difference == pytest.approx(-back.difference)
                assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
                assert forth.superiority == pytest.approx(1 - back.superiority)


def test_one_row_alone_is_first():
    (only,) = ranked([0.5], [spread_around(0.5, 0.1, 1)])
    assert (only.rank, only.low, only.high, only.gap_below, only.wide) == (1, 1, 1, None, False)
