"""``evolve``: islands, diversity, operators and what the prompts show."""

import re
from collections import Counter
from random import Random

from situations import EXPERT, attempt, prompt, situation

from heurigym.agents.population import Settings, behaviour, choose_parents, island_attempts, survivors
from heurigym.agents.registry import open_strategy
from heurigym.agents.strategy import Plan, Situation
from heurigym.agents.trajectory import Attempt
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem

CRASH = Outcome.CRASHED


def settings(islands: int = 2, size: int = 8, reset_every: int = 0, seed: int = 7) -> Settings:
    return Settings(islands, size, reset_every, seed, "maximize")


def planned(now: Situation, **options: object) -> Plan:
    plan = open_strategy("evolve", options).plan(now)
    assert plan is not None
    return plan


def asked(plan: Plan) -> str:
    return plan.request.messages[-1].content


def test_islands_take_turns_and_start_from_the_first_prompt(problem: Problem) -> None:
    first = planned(situation(problem), islands=3)
    second = planned(situation(problem, [attempt(0, 10.0)]), islands=3)
    assert asked(first) == asked(second)
    assert (first.parents, second.parents) == ((), ())
    back = planned(situation(problem, [attempt(number, 10.0 + number) for number in range(3)]), islands=3)
    assert back.parents == (0,)


def test_parents_come_from_their_own_island_alone(problem: Problem) -> None:
    attempts = [attempt(number, 10.0 + number, 50.0 - number) for number in range(20)]
    for seed in range(20):
        plan = planned(situation(problem, attempts, seed=seed), islands=2, operators=["crossover"])
        assert len(plan.parents) == 2
        assert {number % 2 for number in plan.parents} == {0}


def test_programs_are_shown_from_worst_to_best_with_what_they_did(problem: Problem) -> None:
    attempts = [attempt(0, 50.0, 20.0), attempt(1, 10.0, CRASH), attempt(2, 30.0, 31.5)]
    plan = planned(situation(problem, attempts), islands=1, parents=3, operators=["extrapolate"])
    text = asked(plan)
    assert plan.parents == (1, 2, 0) or plan.parents == (1, 0, 2)
    merits = [attempts[number].merit for number in plan.parents]
    assert merits == sorted(merits)
    programs = re.findall(r"### Program \d+\n\n```python\n(.*?)\n```\n(.*?)(?=###|## )", text, re.DOTALL)
    assert [source for source, _ in programs] == [(attempts[n].program or "").strip() for n in plan.parents]
    for number, (_, results) in zip(plan.parents, programs, strict=True):
        for run in attempts[number].demo.runs:  # type: ignore[union-attr]
            said = "crashed" if run.objective is None else f"feasible, objective {run.objective:g}"
            assert f"- {run.instance}: {said}" in results


def test_no_prompt_shows_scores_that_give_the_expert_away(problem: Problem) -> None:
    attempts = [attempt(number, 10.0 + number, 50.0 - number) for number in range(6)]
    for count in range(7):
        text = prompt(open_strategy("evolve", {"islands": 1}), situation(problem, attempts[:count]))
        assert f"{EXPERT:g}" not in text
        assert not re.search(r"qyi|quality|expert", text, re.IGNORECASE)


def test_operators_take_turns_on_each_island(problem: Problem) -> None:
    attempts = [attempt(number, 10.0 + number, 90.0 - number) for number in range(12)]
    words = {
        "mutate": "Improve it",
        "crossover": "combines them",
        "explore": "as different as it can be",
        "extrapolate": "successive versions",
        "simplify": "Simplify it",
    }
    order = list(words)
    for number in range(4, 12):
        text = asked(planned(situation(problem, attempts[:number]), islands=2, operators=order))
        operator = order[(number // 2) % len(order)]
        assert [name for name, sign in words.items() if sign in text] == [operator]


def test_a_pair_is_not_asked_for_where_there_is_only_one(problem: Problem) -> None:
    twins = [attempt(0, 10.0), attempt(1, 10.0)]
    plan = planned(situation(problem, twins), islands=1, operators=["crossover"])
    assert len(plan.parents) == 1
    assert "Improve it" in asked(plan)


def test_a_failed_program_is_sent_back_a_few_times_and_then_given_up(problem: Problem) -> None:
    attempts: list[Attempt] = []
    parents = []
    for number in range(7):
        plan = planned(situation(problem, attempts), islands=1, repairs=2)
        parents.append(plan.parents)
        attempts.append(attempt(number, CRASH, CRASH, parents=plan.parents))
    assert parents == [(), (0,), (1,), (), (3,), (4,), ()]
    assert "Find out why it failed" in asked(planned(situation(problem, attempts[:1]), islands=1))


def test_without_a_program_an_island_starts_again(problem: Problem) -> None:
    plan = planned(situation(problem, [attempt(0)]), islands=1)
    assert plan.parents == ()
    assert "Programs so far" not in asked(plan)


def test_equal_behaviour_is_kept_once_with_the_shortest_program() -> None:
    long = attempt(0, 10.0, 20.0, program="def solve(a, b):\n    return 'a long way round'\n")
    short = attempt(1, 10.0, 20.0, program="def solve(a, b): pass\n")
    other = attempt(2, 20.0, 10.0)
    assert behaviour(long) == behaviour(short) != behaviour(other)
    assert [one.number for one in survivors([long, short, other], settings())] == [2, 1]


def test_the_best_on_each_instance_survives_a_full_island() -> None:
    solid = [attempt(number, 40.0 + number, 40.0 + number, 40.0) for number in range(10)]
    specialist = attempt(10, 1.0, 1.0, 59.0)
    kept = survivors([*solid, specialist], settings(size=3))
    assert {9, 10} <= {one.number for one in kept}
    assert len(kept) == 3
    assert [one.merit for one in kept] == sorted((one.merit for one in kept), reverse=True)


def test_programs_that_solve_nothing_are_no_members() -> None:
    assert survivors([attempt(0, CRASH, CRASH), attempt(1)], settings()) == []
    assert [one.number for one in survivors([attempt(2, CRASH, 1.0)], settings())] == [2]


def test_better_programs_are_parents_more_often_and_all_can_be() -> None:
    members = survivors([attempt(number, 10.0 + number) for number in range(6)], settings())
    drawn = Counter(choose_parents(members, 1, Random(seed), "maximize")[0].number for seed in range(3000))
    assert set(drawn) == set(range(6))
    # Rank r of N is drawn in proportion to 1 / (r + N), so that the first is drawn 11/6 times as often as the last.
    assert 1.4 < drawn[5] / drawn[0] < 2.4


def test_the_second_parent_differs_in_behaviour() -> None:
    near = [attempt(number, 50.0, 50.0 + number / 100) for number in range(5)]
    far = attempt(5, 5.0, 5.0)
    members = survivors([*near, far], settings())
    pairs = [choose_parents(members, 2, Random(seed), "maximize") for seed in range(300)]
    assert all(len({one.number for one in pair}) == 2 for pair in pairs)
    assert sum(5 in {one.number for one in pair} for pair in pairs) > 280


def test_a_reset_refounds_the_worse_half_from_the_better_one() -> None:
    attempts = [attempt(number, float(10 * (number % 4 + 1) + number)) for number in range(8)]
    before = island_attempts(attempts, settings(islands=4))
    after = island_attempts(attempts, settings(islands=4, reset_every=8))
    assert [[one.number for one in island] for island in before] == [[0, 4], [1, 5], [2, 6], [3, 7]]
    assert [[one.number for one in island] for island in after[2:]] == [[2, 6], [3, 7]]
    for founders in after[:2]:
        assert [one.number for one in founders] in ([6], [7])


def test_an_island_that_solves_nothing_is_the_worst() -> None:
    attempts = [attempt(0, CRASH), attempt(1, 10.0), attempt(2, CRASH), attempt(3, 20.0)]
    after = island_attempts(attempts, settings(islands=2, reset_every=4))
    assert [[one.number for one in island] for island in after] == [[3], [1, 3]]


def test_a_reset_of_islands_without_any_program_leaves_them_empty() -> None:
    attempts = [attempt(number, CRASH) for number in range(4)]
    after = island_attempts(attempts, settings(islands=2, reset_every=4))
    assert sorted(len(island) for island in after) == [0, 2]


def test_choices_depend_on_the_seed(problem: Problem) -> None:
    attempts = [attempt(number, 10.0 + number, 60.0 - number) for number in range(10)]
    chosen = {planned(situation(problem, attempts, seed=seed), islands=1).parents for seed in range(20)}
    assert len(chosen) > 3
