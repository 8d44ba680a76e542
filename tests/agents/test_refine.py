"""``refine`` and ``best_of_n``: what each request shows of what went before."""

import pytest
from situations import attempt, prompt, situation

from heurigym.agents.registry import open_strategy
from heurigym.errors import InputError
from heurigym.models.protocol import Finish
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem


def test_the_full_history_is_shown_in_order(problem: Problem) -> None:
    attempts = [attempt(0, 10.0), attempt(1, 30.0), attempt(2, 20.0)]
    plan = open_strategy("refine", {}).plan(situation(problem, attempts))
    assert plan is not None
    assert plan.parents == (0, 1, 2)
    assert [message.role for message in plan.request.messages] == ["user"] + ["assistant", "user"] * 3
    told = [message.content for message in plan.request.messages[2::2]]
    assert "objective 10, 0.1 s" in told[0]
    assert "objective 30, better than your best so far (10) by 200.0%" in told[1]
    assert "objective 20, worse than your best so far (30) by 33.3%" in told[2]


def test_best_and_last_shows_these_two_alone(problem: Problem) -> None:
    attempts = [attempt(0, 10.0), attempt(1, 30.0), attempt(2, 20.0), attempt(3, Outcome.CRASHED)]
    plan = open_strategy("refine", {"history": "best_and_last"}).plan(situation(problem, attempts))
    assert plan is not None
    assert plan.parents == (1, 3)


def test_a_best_of_zero_is_a_best(problem: Problem) -> None:
    text = prompt(open_strategy("refine", {}), situation(problem, [attempt(0, 0.0), attempt(1, 10.0)]))
    assert "objective 10, better than your best so far (0)" in text


@pytest.mark.parametrize(
    ("finish", "words"),
    [
        (Finish.LENGTH, "cut off"),
        (Finish.REFUSED, "refusal"),
        (Finish.EMPTY, "empty"),
        (Finish.REASONING_ONLY, "besides reasoning"),
        (Finish.CUT, "broke off"),
        (Finish.STOP, "No program was found"),
    ],
)
def test_a_reply_without_a_program_is_told_why(problem: Problem, finish: Finish, words: str) -> None:
    text = prompt(open_strategy("refine", {}), situation(problem, [attempt(0, text=" ", finish=finish)]))
    assert words in text
    assert problem.spec.entry.signature in text.rsplit(words)[-1]


def test_best_of_n_asks_the_same_every_time(problem: Problem) -> None:
    strategy = open_strategy("best_of_n", {})
    first = strategy.plan(situation(problem))
    later = strategy.plan(situation(problem, [attempt(0, 10.0), attempt(1, Outcome.CRASHED)]))
    assert first is not None
    assert later == first
    assert len(first.request.messages) == 1
    assert first.parents == ()


@pytest.mark.parametrize("name", ["best_of_n", "evolve", "refine", "tools"])
def test_iterations_are_model_calls_and_settings_are_passed_on(problem: Problem, name: str) -> None:
    strategy = open_strategy(name, {})
    attempts = [attempt(number, 10.0 + number) for number in range(3)]
    assert strategy.plan(situation(problem, attempts, iterations=3)) is None
    plan = strategy.plan(situation(problem, attempts, iterations=4))
    assert plan is not None
    assert (plan.request.temperature, plan.request.max_output_tokens) == (0.5, 1234)
    assert plan.request.messages[-1].role != "assistant"


@pytest.mark.parametrize("name", ["best_of_n", "evolve", "refine", "tools"])
def test_plans_are_a_function_of_the_situation(problem: Problem, name: str) -> None:
    attempts = [attempt(number, 10.0 + number % 5, number * 1.5) for number in range(12)]
    one, other = open_strategy(name, {}), open_strategy(name, {})
    plans = [one.plan(situation(problem, attempts[:count])) for count in range(12)]
    assert [other.plan(situation(problem, attempts[:count])) for count in reversed(range(12))] == plans[::-1]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("refine", {"history": "none"}, "options of strategy refine: history"),
        ("best_of_n", {"n": 3}, "options of strategy best_of_n: n: is not a field"),
        ("evolve", {"islands": 0}, "options of strategy evolve: islands"),
        ("evolve", {"islands": 5, "reset_every": 4}, "reset_every must be 0 or at least the number of islands"),
        ("evolve", {"operators": ["sing"]}, "options of strategy evolve: operators.0"),
        ("tools", {"calls_per_turn": "many"}, "options of strategy tools: calls_per_turn"),
        ("anneal", {}, "unknown strategy 'anneal'; known: best_of_n, evolve, refine, tools"),
    ],
)
def test_wrong_options_get_one_line(name: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as error:
        open_strategy(name, options)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
