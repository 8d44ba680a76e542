import pytest
from situations import attempt, judging

from heurigym.agents.rescoring import count_changed, rescore
from heurigym.agents.trajectory import Cell, Status, Trajectory, select


def trajectory(*attempts):
    made = Trajectory(
        cell=Cell(problem="p", model="m", strategy="s", sample=0),
        key="",
        problem_digest="",
        seed=0,
        is_script=False,
        official=True,
        status=Status.FINISHED,
        attempts=list(attempts),
    )
    made.selected = select(made.attempts)
    return made


def test_scores_follow_from_objectives_and_the_expert_values_of_the_day():
    before = rescore(trajectory(attempt(0, 10, 30)), {"a": 10, "b": 20}, "minimize")
    assert [run.quality for run in before.attempts[0].demo.runs] == [1, pytest.approx(20 / 30)]
    after = rescore(before, {"a": 8, "b": 20}, "minimize")
    assert [run.baseline for run in after.attempts[0].demo.runs] == [8, 20]
    assert after.attempts[0].demo.summary.quality == pytest.approx((8 / 10 + 20 / 30) / 2)
    assert after.attempts[0].demo.runs[0].objective == 10
    assert before.attempts[0].demo.summary.quality == pytest.approx((1 + 20 / 30) / 2)


def test_a_trajectory_of_the_same_expert_values_is_itself():
    scored = rescore(trajectory(attempt(0, 10)), {"a": 10}, "minimize")
    assert rescore(scored, {"a": 10, "other": 3}, "minimize") is scored


def test_an_expert_value_that_is_gone_takes_its_quality_along():
    scored = rescore(trajectory(attempt(0, 10)), {"a": 10}, "minimize")
    again = rescore(scored, {"b": 10}, "minimize")
    assert (again.attempts[0].demo.runs[0].quality, again.attempts[0].demo.summary.qyi) == (None, None)


def two_ways(evaluated):
    """Attempt 0 is better on a, attempt 1 on b; which one is selected depends on the expert values."""
    made = trajectory(attempt(0, 12, 40), attempt(1, 20, 20))
    for number in evaluated:
        made.attempts[number] = made.attempts[number].model_copy(
            update={"eval": judging({"x": 5}).model_copy(update={"split": "eval"})}
        )
    return rescore(made, {"a": 10, "b": 40}, "minimize")


def test_the_selection_follows():
    before = two_ways((0, 1))
    assert before.selected == 0
    assert rescore(before, {"a": 10, "b": 20}, "minimize").selected == 1


def test_a_selection_stays_where_the_other_program_was_never_judged():
    before = two_ways((0,))
    assert before.selected == 0
    assert rescore(before, {"a": 10, "b": 20}, "minimize").selected == 0


def test_scores_that_were_written_by_hand_do_not_survive():
    scored = rescore(trajectory(attempt(0, 20)), {"a": 10}, "minimize")
    demo = scored.attempts[0].demo
    runs = (demo.runs[0].model_copy(update={"quality": 1.0}),)
    changes = {"runs": runs, "summary": demo.summary.model_copy(update={"qyi": 0.9})}
    doctored = scored.model_copy(
        update={"attempts": [scored.attempts[0].model_copy(update={"demo": demo.model_copy(update=changes)})]}
    )
    assert rescore(doctored, {"a": 10}, "minimize") == scored
    assert count_changed(doctored, scored) == 0
