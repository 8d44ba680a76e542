import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring_samples import make_sample, random_table

from heurigym.problems.outcome import Outcome
from heurigym.scoring.bootstrap import METRICS, estimate, interval, middle, overall, replicates
from heurigym.scoring.samples import Row, Sample, Table
from heurigym.scoring.summary import Score, summarise

QUALITIES = st.one_of(st.none(), st.floats(0.01, 1.9))
QYI = METRICS.index("qyi")


def summaries(row):
    for sample in row.samples:
        yield summarise(
            [
                Score(Outcome.FEASIBLE, float(quality), float(uncapped))
                if feasible
                else Score(Outcome.INFEASIBLE if scored else Outcome.HARNESS_ERROR)
                for scored, feasible, quality, uncapped in zip(
                    sample.scored, sample.feasible, sample.quality, sample.quality_uncapped, strict=True
                )
            ]
        )


@given(
    st.integers(1, 9).flatmap(
        lambda size: st.lists(st.lists(QUALITIES, min_size=size, max_size=size), min_size=1, max_size=3)
    )
)
def test_estimates_are_means_of_summaries(samples):
    row = Row("row", [make_sample(qualities) for qualities in samples])
    found = dict(zip(METRICS, estimate(row), strict=True))
    expected = list(summaries(row))
    assert found["yield"] == pytest.approx(np.mean([each.yield_ for each in expected]))
    assert found["quality"] == pytest.approx(np.mean([each.quality for each in expected]))
    assert found["quality_uncapped"] == pytest.approx(np.mean([each.quality_uncapped for each in expected]))
    assert found["qyi"] == pytest.approx(np.mean([each.qyi for each in expected]))


def test_harness_errors_count_for_nothing():
    row = Row("row", [make_sample([1.0, None, None], scored=[True, True, False])])
    assert dict(zip(METRICS, estimate(row), strict=True))["yield"] == 0.5
    table = Table("problem", ["a", "b"], [Row("row", [make_sample([1.0, None], scored=[True, False])])])
    yields = replicates(table, 500)[METRICS.index("yield"), 0]
    # Drawing the unscored instance alone leaves nothing to score; any other draw has yield 1.
    assert set(np.unique(yields)) == {0.0, 1.0}


def test_a_feasible_solution_without_expert_leaves_quality_unknown():
    row = Row("row", [make_sample([1.0, float("nan")])])
    values = dict(zip(METRICS, estimate(row), strict=True))
    assert values["yield"] == 1
    assert np.isnan(values["quality"]) and np.isnan(values["qyi"])
    drawn = replicates(Table("problem", ["a", "b"], [row]), 50)
    assert not np.isnan(drawn[METRICS.index("yield")]).any()
    assert np.isnan(drawn[QYI]).all()


def slow_replicate(table, instances, chosen_samples):
    """One replicate of each row, drawn instances and samples spelled out."""
    result = []
    for row, chosen in zip(table.rows, chosen_samples, strict=True):
        values = []
        for number in chosen:
            sample = row.samples[number]
            scored = sum(sample.scored[index] for index in instances)
            feasible = [index for index in instances if sample.feasible[index]]
            share = len(feasible) / scored if scored else 0.0
            quality = sum(sample.quality[index] for index in feasible) / len(feasible) if feasible else 0.0
            values.append(2 * quality * share / (quality + share) if quality + share else 0.0)
        result.append(sum(values) / len(values))
    return result


@pytest.mark.parametrize("samples", [1, 3])
def test_replicates_have_the_distribution_of_a_slow_reference(samples):
    table = random_table(np.random.default_rng(5), rows=3, samples=samples, instances=10, skill=0.7)
    generator = np.random.default_rng(6)
    size = len(table.instances)
    slow = np.array(
        [
            slow_replicate(
                table,
                generator.integers(size, size=size),
                [generator.integers(samples, size=samples) for _ in table.rows],
            )
            for _ in range(4000)
        ]
    )
    fast = replicates(table, 20_000)[QYI]
    for row in range(3):
        assert fast[row].mean() == pytest.approx(slow[:, row].mean(), abs=0.006)
        assert fast[row].std() == pytest.approx(slow[:, row].std(), rel=0.06)
        for tail in (0.025, 0.5, 0.975):
            assert np.quantile(fast[row], tail) == pytest.approx(np.quantile(slow[:, row], tail), abs=0.02)
    # Rows share their instances, so that their differences are paired.
    assert np.corrcoef(fast[0], fast[1])[0, 1] == pytest.approx(np.corrcoef(slow[:, 0], slow[:, 1])[0, 1], abs=0.06)


def test_more_samples_add_their_own_variance():
    qualities = [0.9, 0.8, 0.85, 0.95]
    alike = Row("alike", [make_sample(qualities)] * 3)
    varied = Row("varied", [make_sample(qualities), make_sample([None] * 4), make_sample(qualities)])
    drawn = replicates(Table("problem", list("abcd"), [alike, varied]), 4000)[QYI]
    assert drawn[1].std() > 5 * drawn[0].std()


def test_equal_arguments_give_equal_replicates_whatever_other_rows_there_are():
    table = random_table(np.random.default_rng(1), rows=3, samples=2)
    first = replicates(table, 300)
    assert np.array_equal(first, replicates(table, 300))
    alone = Table(table.problem, table.instances, [table.rows[2]])
    assert np.array_equal(first[:, 2], replicates(alone, 300)[:, 0])
    assert not np.array_equal(first, replicates(table, 300, seed=1))


@pytest.mark.parametrize("quality", [0.98, 1 / 3, 0.7, 5 / 7])
def test_an_interval_of_nothing_that_varies_holds_its_value(quality):
    row = Row("row", [make_sample([quality])])
    for values, drawn in zip(estimate(row), replicates(Table("problem", ("one",), (row,)), 50)[:, 0], strict=True):
        found = interval(float(values), drawn)
        assert found.low == found.value == found.high


def test_rows_without_samples_are_unknown():
    table = Table("problem", ["a"], [Row("empty", []), Row("full", [make_sample([0.5])])])
    drawn = replicates(table, 10)
    assert np.isnan(drawn[:, 0]).all()
    assert not np.isnan(drawn[:, 1]).any()
    assert np.isnan(estimate(table.rows[0])).all()
    unknown = interval(float("nan"), drawn[0, 0])
    assert np.isnan([unknown.low, unknown.high]).all()


@settings(max_examples=50)
@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=40), st.floats(0.5, 0.99))
def test_the_middle_is_numpys_quantiles(values, confidence):
    tail = (1 - confidence) / 2
    found = middle(np.array(values, dtype=np.float32), confidence)
    assert found == pytest.approx(np.quantile(values, (tail, 1 - tail)), abs=1e-5)


def test_weighted_and_unweighted_means_differ_as_they_should():
    small = Table("small", ["a"], [Row("row", [make_sample([1.0])])])
    large = Table("large", list("abc"), [Row("row", [make_sample([None] * 3)])])
    result = overall([(table, replicates(table, 20)) for table in (small, large)], 20)
    assert result.weighted[QYI, 0] == pytest.approx(1 / 4)
    assert result.unweighted[QYI, 0] == pytest.approx(1 / 2)
    assert result.weighted_replicates[QYI, 0] == pytest.approx(np.full(20, 1 / 4))
    assert result.problems[0] == 2
    assert result.weights[0] == 4


def test_a_row_is_averaged_over_the_problems_that_it_has():
    both, one = Row("both", [make_sample([1.0])]), Row("one", [make_sample([0.5])])
    tables = [Table("first", ["a"], [both, one]), Table("second", ["a"], [both])]
    result = overall([(table, replicates(table, 5)) for table in tables], 5)
    assert dict(zip(result.rows, result.problems, strict=True)) == {"both": 2, "one": 1}


def test_nothing_gives_nothing():
    result = overall([], 5)
    assert result.rows == ()
    assert result.weighted_replicates.shape == (len(METRICS), 0, 5)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """Instances and samples are drawn from a known population, of which the true mean yield is known."""
    generator = np.random.default_rng(11)
    covered = 0
    trials = 150
    instances, samples = 30, 5
    for trial in range(trials):
        hardness = generator.normal(0.8, 0.5, instances)
        luck = generator.normal(0, 0.3, samples)
        made = []
        for number in range(samples):
            solved = generator.normal(size=instances) < hardness + luck[number]
            made.append(make_sample([1.0 if each else None for each in solved]))
        table = Table(f"problem {trial}", [str(index) for index in range(instances)], [Row("row", made)])
        drawn = replicates(table, 600)[METRICS.index("yield"), 0]
        low, high = middle(drawn)
        # P(N(0,1) < 0.8 + N(0,0.5) + N(0,0.3)) = Phi(0.8 / sqrt(1 + 0.25 + 0.09)) = Phi(0.6911)
        covered += low <= 0.7552 <= high
    assert 0.88 <= covered / trials <= 1.0


def test_a_sample_with_wrong_shapes_is_refused():
    with pytest.raises(ValueError, match="one value for each instance"):
        Sample(np.ones(2, dtype=bool), np.ones(3, dtype=bool), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="unscored"):
        make_sample([1.0], scored=[False])
    with pytest.raises(ValueError, match="needs 2 instances"):
        Table("problem", ["a", "b"], [Row("row", [make_sample([1.0])])])
