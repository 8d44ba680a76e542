"""What models read: limits and libraries as they are, nothing of the eval split, nothing of the expert."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from situations import PROMPT, Bench, attempt, judging, prompt, situation

from heurigym.agents.prompts import feedback, system_prompt, task
from heurigym.agents.registry import open_strategy
from heurigym.agents.strategy import Guest
from heurigym.agents.trajectory import Attempt
from heurigym.execution.backends import open_sandbox
from heurigym.execution.judging import InstanceRun
from heurigym.models.protocol import Finish, Reply, ToolCall
from heurigym.problems.folders import problem_folders
from heurigym.problems.instances import SPLITS
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem, load_problem
from heurigym.problems.spec import Limits

STRATEGIES: dict[str, dict[str, object]] = {
    "best_of_n": {},
    "evolve": {"islands": 1},
    "refine": {},
    "tools": {},
}
OBJECTIVES = (10.0, 30.0, 20.0, 45.0, 40.0, 44.0)
PACKAGED = [
    folder for folder in problem_folders() if all(any(folder.glob(f"instances/{split}/*")) for split in SPLITS)
]


def history(problem: Problem, names: Sequence[str], expert: float | None) -> list[Attempt]:
    """Attempts of rising and falling objectives on these instances, each with one call of every tool that tells."""
    attempts: list[Attempt] = []
    for number, objective in enumerate(OBJECTIVES):
        source = f"def solve(a, b):\n    return {number}\n"
        demo = judging(dict.fromkeys(names, objective), source, expert=expert)
        bare = Attempt(number=number, prompt=PROMPT, program=source, demo=demo, complete=True)
        calls = tuple(
            ToolCall(id=name, name=name, arguments=arguments)
            for name, arguments in (
                ("list_demo_instances", {}),
                ("judge_program", {"program": source}),
                ("view_history", {}),
                ("view_history", {"turn": number}),
                ("read_demo_instance", {"name": names[0]}),
            )
        )
        reply = Reply(text=f"```python\n{source}```", tool_calls=calls, finish=Finish.TOOL_CALLS)
        now = situation(problem, [*attempts, bare.model_copy(update={"reply": reply, "demo": None})])
        action = asyncio.run(open_strategy("tools", {}).act(now, reply, Bench(demo)))
        attempts.append(bare.model_copy(update={"reply": reply, "tools": action.tools}))
    return attempts


def prompts(problem: Problem, attempts: Sequence[Attempt]) -> list[str]:
    """Every prompt that every strategy sends on the way."""
    return [
        prompt(open_strategy(name, options), situation(problem, attempts[:count]))
        for name, options in STRATEGIES.items()
        for count in range(len(attempts) + 1)
    ]


def test_expert_values_change_no_prompt(problem: Problem) -> None:
    shown = [prompts(problem, history(problem, ("small", "b"), expert)) for expert in (60.0, 77777.0)]
    assert shown[0] == shown[1]
    assert not any("77777" in text for text in shown[1])


def test_the_expert_shows_where_the_problem_says_so(problem: Problem) -> None:
    baseline = problem.spec.baseline.model_copy(update={"show_to_model": True})
    open_problem = replace(problem, spec=problem.spec.model_copy(update={"baseline": baseline}))
    text = prompt(open_strategy("refine", {}), situation(open_problem, [attempt(0, 10.0)]))
    assert "objective 10, expert 60" in text


@pytest.mark.parametrize("folder", PACKAGED, ids=[folder.name for folder in PACKAGED])
def test_nothing_of_the_eval_split_is_in_any_prompt(folder: Path) -> None:
    problem = load_problem(folder)
    demo = tuple(instance.name for instance in problem.instances("demo"))
    texts = "\n".join(prompts(problem, history(problem, demo, 77777.0)))
    assert all(name in texts for name in demo)
    assert "77777" not in texts
    for instance in problem.instances("eval"):
        assert not re.search(rf"(?<![\w.-]){re.escape(instance.name)}(?![\w-])", texts), instance.name
        contents = instance.read()
        # A second file may hold just a number, which occurs in any text; the first identifies the instance.
        assert len(contents[0]) > 40
        assert all(
            content[:300].decode("utf-8", "replace") not in texts for content in contents if len(content) > 40
        )


def test_the_system_prompt_says_the_real_limits(problem: Problem) -> None:
    limits = Limits(time_s=7.5, memory_mb=1717, cores=3, processes=29, scratch_mb=131, solution_mb=19)
    text = system_prompt(replace(situation(problem), limits=limits))
    for words in ("7.5 s of time", "1717 MiB of memory", "3 cores", "29 processes", "131 MiB", "19 MiB"):
        assert words in text
    assert problem.spec.entry.signature in text


def test_the_system_prompt_says_what_the_guest_really_has(problem: Problem) -> None:
    sandbox = open_sandbox("auto")
    try:
        info = sandbox.describe()
    finally:
        sandbox.close()
    assert "numpy" in info.packages
    text = system_prompt(replace(situation(problem), guest=Guest(info.python, info.packages)))
    assert f"Python {info.python} with" in text
    assert all(f"{name} {version}" in text for name, version in info.packages.items())


def test_the_task_holds_statement_direction_and_signature(problem: Problem) -> None:
    text = task(situation(problem))
    assert text.startswith(problem.statement.strip()[:50])
    assert "Maximize sum" in text
    assert problem.spec.entry.signature in text


@pytest.mark.parametrize(
    ("outcome", "stderr_shown"),
    [
        (Outcome.CRASHED, True),
        (Outcome.OUT_OF_MEMORY, True),
        (Outcome.NO_OUTPUT, True),
        (Outcome.TIMED_OUT, False),
        (Outcome.OUTPUT_TOO_LARGE, False),
        (Outcome.MALFORMED, False),
        (Outcome.INFEASIBLE, False),
    ],
)
def test_a_failure_is_told_with_its_message(problem: Problem, outcome: Outcome, stderr_shown: bool) -> None:
    text = _told(
        problem,
        InstanceRun(
            instance="small",
            outcome=outcome,
            stage=outcome.stage,
            message="node 7 starts early" + "." * 5000,
            stderr="x" * 5000 + "Boom: 42",
            charged_s=3.21,
        ),
    )
    assert f"- small: {outcome.value.replace('_', ' ')} (3.2 s of 10 s): node 7 starts early" in text
    assert ("Boom: 42" in text) is stderr_shown
    assert len(text) < 4000
    assert "0 of 1 got a valid solution" in text


def test_a_harness_error_is_not_blamed_on_the_program(problem: Problem) -> None:
    run = InstanceRun(instance="small", outcome=Outcome.HARNESS_ERROR, stage=0, message="bwrap: no such host path")
    text = _told(problem, run)
    assert "by no fault of the program" in text
    assert "bwrap" not in text


def _told(problem: Problem, run: InstanceRun) -> str:
    demo = judging({"small": run.outcome}).model_copy(update={"runs": (run,)})
    return feedback(situation(problem), attempt(0).model_copy(update={"demo": demo, "program": "x"}))


def test_prompts_hold_no_leftovers_of_their_templates(problem: Problem) -> None:
    attempts = history(problem, ("small",), 60.0)
    for text in prompts(problem, attempts):
        assert not re.search(r"\{[{%]|[%}]\}|\n{4}|(?<!-> )None|Outcome\.", text)
