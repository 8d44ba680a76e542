"""``tools``: what each tool answers, and how turns become a conversation."""

import asyncio
from typing import Any

import pytest
from situations import EXPERT, Bench, attempt, judging, situation

from heurigym.agents.registry import open_strategy
from heurigym.agents.strategy import Action, Situation
from heurigym.agents.toolbox import SUBMITTED
from heurigym.agents.trajectory import Attempt
from heurigym.models.protocol import Finish, Message, Reply, ToolCall
from heurigym.problems.problem import Problem

PROGRAM = "def solve(input_file, solution_file):\n    pass\n"


def call(tool: str, identifier: str = "c1", /, malformed: str | None = None, **arguments: Any) -> ToolCall:
    return ToolCall(id=identifier, name=tool, arguments=arguments, malformed=malformed)


def turn(number: int, *calls: ToolCall, text: str = "", **changes: Any) -> Attempt:
    """An attempt whose reply makes these calls, not carried out yet."""
    finish = Finish.TOOL_CALLS if calls else Finish.STOP
    reply = Reply(text=text, tool_calls=calls, **{"finish": finish, **changes})
    return attempt(number).model_copy(update={"reply": reply, "complete": False})


def carry_out(now: Situation, bench: Bench | None = None, **options: Any) -> tuple[Action, Situation]:
    """What comes of the last attempt, and the situation with it complete."""
    last = now.attempts[-1]
    assert last.reply is not None
    bench = bench or Bench(judging({"small": 7.0}, PROGRAM))
    action = asyncio.run(open_strategy("tools", options).act(now, last.reply, bench))
    done = last.model_copy(update={"program": action.program, "demo": action.demo, "tools": action.tools})
    return action, situation(now.problem, [*now.attempts[:-1], done], iterations=now.iterations)


def answers(problem: Problem, *calls: ToolCall, before: tuple[Attempt, ...] = (), **options: Any) -> list[str]:
    now = situation(problem, [*before, turn(len(before), *calls)])
    return [use.result for use in carry_out(now, **options)[0].tools]


def conversation(now: Situation) -> tuple[Message, ...]:
    plan = open_strategy("tools", {}).plan(now)
    assert plan is not None
    return plan.request.messages


def test_the_first_request_offers_every_tool(problem: Problem) -> None:
    plan = open_strategy("tools", {}).plan(situation(problem, iterations=9))
    assert plan is not None
    assert [tool.name for tool in plan.request.tools] == [
        "read_statement",
        "list_demo_instances",
        "read_demo_instance",
        "judge_program",
        "view_history",
        "submit",
    ]
    assert "You have 9 turns" in plan.request.messages[0].content
    assert "fenced block" not in plan.request.system
    assert all(tool.parameters["type"] == "object" for tool in plan.request.tools)


def test_the_statement_is_read_whole(problem: Problem) -> None:
    (text,) = answers(problem, call("read_statement"))
    assert problem.statement.strip() in text
    assert problem.spec.entry.signature in text


def test_instances_are_listed_and_read_in_parts(problem: Problem) -> None:
    (content,) = (instance.read()[0].decode() for instance in problem.instances("demo"))
    listed, whole, part, past = answers(
        problem,
        call("list_demo_instances"),
        call("read_demo_instance", name="small"),
        call("read_demo_instance", name="small", offset=5, length=6),
        call("read_demo_instance", name="small", offset=10_000),
    )
    assert listed == f"- small: {len(content)} characters"
    assert whole == f"Characters 0 to {len(content)} of {len(content)}:\n{content}"
    assert part == f"Characters 5 to 11 of {len(content)}:\n{content[5:11]}"
    assert past.startswith(f"Characters 10000 to 10000 of {len(content)}")


def test_long_instances_are_cut_at_the_limit(problem: Problem) -> None:
    instance = problem.folder / "instances" / "demo" / "small.json"
    kept = instance.read_text()
    instance.write_text(kept + " " * 5000)
    try:
        texts = answers(
            problem,
            call("read_demo_instance", name="small"),
            call("read_demo_instance", name="small", length=4000),
            read_characters=100,
        )
    finally:
        instance.write_text(kept)
    for text in texts:
        assert len(text.partition("\n")[2]) == 100


@pytest.mark.parametrize("name", ["medium", "../eval/medium", "small.json", "/etc/passwd", ""])
def test_nothing_but_demonstration_instances_can_be_read(problem: Problem, name: str) -> None:
    (text,) = answers(problem, call("read_demo_instance", name=name))
    assert text == f"There is no demonstration instance {name!r}. There are: small."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (call("run_shell", command="ls"), "There is no tool 'run_shell'. There are: read_statement,"),
        (call("judge_program"), "program: is missing"),
        (call("judge_program", program=3), "program: input should be a valid string"),
        (call("read_demo_instance", name="small", offset=-1), "offset:"),
        (call("read_demo_instance", name="small", file=1), "has 1 input files"),
        (call("submit", reason="done"), "reason: is not a field"),
        (call("judge_program", malformed='{"program": "def so'), "must be one JSON object"),
        (call("submit"), "no program has been judged yet"),
        (call("view_history", turn=3), "No program was judged in turn 3"),
        (call("view_history"), "No program has been judged yet"),
    ],
)
def test_wrong_calls_are_answered_and_end_nothing(problem: Problem, wrong: ToolCall, words: str) -> None:
    action, now = carry_out(situation(problem, [turn(0, wrong)]))
    (use,) = action.tools
    assert words in use.result
    assert action.program is None
    assert open_strategy("tools", {}).plan(now) is not None


def test_a_judged_program_is_the_attempt_and_a_second_one_waits(problem: Problem) -> None:
    bench = Bench(judging({"small": 7.0}, PROGRAM))
    calls = (call("judge_program", "a", program=PROGRAM), call("judge_program", "b", program="def solve(): 1"))
    action, now = carry_out(situation(problem, [turn(0, *calls)]), bench)
    assert bench.programs == [PROGRAM]
    assert (action.program, action.demo) == (PROGRAM, judging({"small": 7.0}, PROGRAM))
    first, second = (use.result for use in action.tools)
    assert "- small: feasible, objective 7" in first
    assert "only one program is judged in a turn" in second
    assert f"{EXPERT:g}" not in first
    messages = conversation(now)
    assert [message.role for message in messages] == ["user", "assistant", "tool", "tool"]
    assert [message.tool_call_id for message in messages[2:]] == ["a", "b"]


def test_gaps_are_to_the_turns_before(problem: Problem) -> None:
    before = attempt(0).model_copy(update={"demo": judging({"small": 5.0}), "program": PROGRAM})
    (text,) = answers(problem, call("judge_program", program=PROGRAM), before=(before,))
    assert "objective 7, better than your best so far (5)" in text


def test_the_history_shows_objectives_and_on_request_the_program(problem: Problem) -> None:
    before = attempt(0, 5.0, 6.0, program=PROGRAM)
    brief, whole = answers(problem, call("view_history"), call("view_history", turn=1), before=(before,))
    assert brief == "- turn 1: a 5, b 6\n"
    assert PROGRAM in whole
    assert "- a: feasible, objective 5" in whole


def test_submitting_ends_the_work_and_the_turn(problem: Problem) -> None:
    calls = (
        call("judge_program", "a", program=PROGRAM),
        call("submit", "b"),
        call("judge_program", "c", program=PROGRAM),
    )
    action, now = carry_out(situation(problem, [turn(0, *calls)]))
    assert [use.result for use in action.tools[1:]] == [
        SUBMITTED,
        "Not carried out: the work has been submitted.",
    ]
    assert action.program == PROGRAM
    assert open_strategy("tools", {}).plan(now) is None


def test_a_program_that_prints_the_word_does_not_submit(problem: Problem) -> None:
    (text,) = answers(problem, call("read_demo_instance", name=SUBMITTED))
    now = situation(problem, [turn(0, call("read_demo_instance", name=SUBMITTED))])
    assert SUBMITTED in text
    assert open_strategy("tools", {}).plan(carry_out(now)[1]) is not None


def test_calls_beyond_the_budget_are_answered_but_not_carried_out(problem: Problem) -> None:
    calls = [call("list_demo_instances", str(number)) for number in range(4)]
    texts = answers(problem, *calls, calls_per_turn=2)
    assert [text.startswith("Not carried out") for text in texts] == [False, False, True, True]


def test_a_program_in_the_text_is_judged_too(problem: Problem) -> None:
    action, now = carry_out(situation(problem, [turn(0, text=f"```python\n{PROGRAM}```")], iterations=5))
    assert action.program == PROGRAM
    last = conversation(now)[-1]
    assert last.role == "user"
    assert "- small: feasible, objective 7" in last.content
    assert "Turns left: 4" in last.content


def test_a_reply_without_calls_or_program_is_told_to_use_tools(problem: Problem) -> None:
    _, now = carry_out(situation(problem, [turn(0, text="Let me think.")]))
    said, told = conversation(now)[-2:]
    assert (said.role, said.content) == ("assistant", "Let me think.")
    assert told.role == "user"
    assert "No program was found in your reply" in told.content
    assert "Go on by calling tools" in told.content


def test_calls_of_a_reply_that_broke_off_are_not_repeated(problem: Problem) -> None:
    cut = turn(0, call("judge_program", malformed='{"pro'), text="Now", finish=Finish.LENGTH)
    messages = conversation(situation(problem, [cut]))
    assert [message.role for message in messages] == ["user", "assistant", "user"]
    assert not any(message.tool_calls for message in messages)
    assert "cut off" in messages[-1].content
    assert "fenced block" not in messages[-1].content


def test_a_provider_gets_its_own_state_back(problem: Problem) -> None:
    state = {"thinking": [{"signature": "sealed"}]}
    _, now = carry_out(situation(problem, [turn(0, call("read_statement"), provider_state=state)]))
    assert conversation(now)[1].provider_state == state


def test_every_call_has_its_answer_in_order(problem: Problem) -> None:
    attempts: list[Attempt] = []
    for number in range(3):
        calls = [call("view_history", f"{number}.{index}") for index in range(3)]
        _, now = carry_out(situation(problem, [*attempts, turn(number, *calls)], iterations=8))
        attempts = list(now.attempts)
    asked = [made.id for message in conversation(now) for made in message.tool_calls]
    answered = [message.tool_call_id for message in conversation(now) if message.role == "tool"]
    assert asked == answered
    assert conversation(now)[-1].content.endswith("Turns left: 5.")
