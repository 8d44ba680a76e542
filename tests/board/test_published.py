import json
from fractions import Fraction

import pytest
from public_heurigym import EARLY_2026, LATE_2026, PAPER, PROBLEMS
from synthetic_stores import make_store

from heurigym.board.build import build
from heurigym.board.published import PAPER_WEIGHTS, read_published, weighted_mean
from heurigym.errors import InputError

# Published by the public HeuriGym (results/overall_qyi_t0.csv and solve_metrics_summary.csv of its web page).
OVERALL = """Model,Weighted_Yield,Weighted_Quality,Weighted_QYI,Cost
Claude-3.7-Sonnet,0.5963302752293578,0.4686418141993501,0.5033804686934877,10.211376
Gemini-2.5-Pro-0506,0.6467889908256881,0.6700432180770771,0.6170361475639661,8.15831125
LLaMA-3.3-70B-Instruct,0.3394495412844037,0.3520955828277669,0.29509494863144425,0.09347468
"""
SOLVE = """Model,solve@10 stage3,solve@5 stage3,solve@1 stage3
Gemini-2.5-Pro-0506,0.6513761467889908,0.6422018348623854,0.2018348623853211
"""


def write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def test_the_paper_weighs_by_its_instances():
    assert sorted(PAPER_WEIGHTS.values()) == sorted([24, 31, 24, 23, 28, 24, 20, 14, 30])
    assert sum(PAPER_WEIGHTS.values()) == 218


@pytest.mark.parametrize("published", [0.5963302752293578, 0.6467889908256881, 0.3394495412844037])
def test_published_yields_are_counts_of_those_instances(published):
    """A weighted mean of feasible / instances is a count over 218, and over no other total that is near."""
    count = published * 218
    assert count == pytest.approx(round(count), abs=1e-9)
    assert Fraction(round(count), 218) == Fraction(published).limit_denominator(218)


def test_a_weighted_mean_is_recomputed_from_values_by_problem(tmp_path):
    """24 of 218 instances solved as well as the expert, half of 30 more, nothing else."""
    values = {"operator_scheduling": 1.0, "pickup_delivery_time_windows": 0.5}
    assert weighted_mean(values) == pytest.approx((24 + 15) / 218)
    lines = "".join(f"Model A,{problem},{values.get(problem, 0)}\n" for problem in PAPER_WEIGHTS)
    (row,) = read_published([write(tmp_path, "paper.csv", f"Model,Problem,QYI\n{lines}")])
    assert row.qyi == pytest.approx((24 + 15) / 218)
    assert row.qyi_unweighted == pytest.approx(1.5 / 9)
    assert row.yield_ is None


def recomputed(values, **weights):
    return weighted_mean(dict(zip(PROBLEMS, values, strict=True)), PAPER_WEIGHTS | weights)


@pytest.mark.parametrize("model", PAPER)
def test_the_means_of_the_paper_are_recomputed_from_its_values_by_problem(model):
    """QYI, yield and quality of its nine models; the means of later models were published to three decimals."""
    for published, values in PAPER[model]:
        assert recomputed(values) == pytest.approx(published, abs=2e-6)


@pytest.mark.parametrize("model", EARLY_2026)
def test_the_means_of_early_2026_are_recomputed_from_values_by_problem(model):
    for published, values in EARLY_2026[model][:2]:
        assert recomputed(values) == pytest.approx(published, abs=1e-3)


@pytest.mark.parametrize("model", LATE_2026)
def test_later_means_count_operator_scheduling_as_50_instances(model):
    """They are no means over the 218 instances: comparing them with earlier ones is off by up to 0.06."""
    for published, values in LATE_2026[model]:
        assert recomputed(values, operator_scheduling=50) == pytest.approx(published, abs=2e-6)
        assert recomputed(values) != pytest.approx(published, abs=2e-3)


def test_a_file_by_problem_gives_the_published_means(tmp_path):
    qyi, yield_, quality = PAPER["DeepSeek-R1"]
    lines = zip(PROBLEMS, qyi[1], yield_[1], quality[1], strict=True)
    text = "".join(f"DeepSeek-R1,{','.join(map(str, line))}\n" for line in lines)
    (row,) = read_published([write(tmp_path, "per_problem.csv", f"Model,Problem,QYI,Yield,Quality\n{text}")])
    assert (row.qyi, row.yield_, row.quality_geometric) == pytest.approx((0.549761, 0.697248, 0.577479), abs=2e-6)
    assert row.quality_arithmetic is None
    assert row.qyi_unweighted == pytest.approx(sum(qyi[1]) / 9)


def test_files_are_joined_by_model(tmp_path):
    rows = read_published([write(tmp_path, "overall.csv", OVERALL), write(tmp_path, "solve.csv", SOLVE)])
    gemini = next(row for row in rows if row.model.startswith("Gemini"))
    assert gemini.qyi == 0.6170361475639661
    assert gemini.cost == 8.15831125
    assert gemini.solve == {
        "solve_III@10": 0.6513761467889908,
        "solve_III@5": 0.6422018348623854,
        "solve_III@1": 0.2018348623853211,
    }
    assert gemini.published and gemini.source == "overall.csv"
    assert next(row for row in rows if row.model.startswith("LLaMA")).solve == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no Model column"),
        ("Model,Price\nA,2\n", "no result file"),
        ("Model,Weighted_Yield,Weighted_Quality,Weighted_QYI\nA,0.5,0.5,1.5\n", "from 0 to 1"),
        ("Model,Weighted_Yield,Weighted_Quality,Weighted_QYI\nA,0.5,0.5,nan\n", "must be a number"),
        ("Model,Weighted_Yield,Weighted_Quality,Weighted_QYI\nA,0.5\n", "must be a number"),
        ("Model,Problem,QYI\nA,chess,0.5\n", "is not one of"),
        ("Model,Problem,QYI\nA,pedigree,0.5\nA,pedigree,0.6\n", "twice"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as error:
        read_published([write(tmp_path, "file.csv", text)])
    assert "\n" not in str(error.value)
    assert "file.csv" in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_published([tmp_path / "none.csv"])


def test_published_rows_stay_out_of_our_tables(tmp_path):
    make_store(tmp_path / "store")
    path = write(tmp_path, "overall.csv", OVERALL)
    build([tmp_path / "store"], tmp_path / "site", resamples=50, published=[path])
    content = json.loads((tmp_path / "site/results.json").read_text())
    assert [row["model"] for row in content["published"]] == [
        "Claude-3.7-Sonnet",
        "Gemini-2.5-Pro-0506",
        "LLaMA-3.3-70B-Instruct",
    ]
    assert all(row["published"] for row in content["published"])
    for table in ("overall", "results"):
        assert not any("Gemini" in row["model"] for row in content[table])
