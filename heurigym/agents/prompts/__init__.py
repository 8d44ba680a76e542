"""The texts that models read, rendered from templates."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from heurigym.agents.prompts.feedback import describe_run
from heurigym.agents.strategy import Situation
from heurigym.agents.trajectory import Attempt
from heurigym.models.protocol import Finish
from heurigym.problems.outcome import Outcome

_UNUSABLE = {
    Finish.LENGTH: "Your reply was cut off at the limit of its length, so no program was run. Be shorter.",
    Finish.REFUSED: "Your reply was a refusal, so no program was run.",
    Finish.EMPTY: "Your reply was empty, so no program was run.",
    Finish.REASONING_ONLY: "Your reply held no text besides reasoning, so no program was run.",
    Finish.CUT: "Your reply broke off before its end, so no program was run.",
}
_NO_PROGRAM = "No program was found in your reply: nothing in it defines `solve`."


def system_prompt(situation: Situation, *, tools: bool = False) -> str:
    """The system prompt: the task of writing programs, limits and libraries as they really are.

    ``tools`` says that programs are given to a tool rather than written in the reply.
    """
    entry = situation.problem.spec.entry
    return _render(
        "system.md.j2",
        tools=tools,
        signature=entry.signature,
        inputs=len(entry.inputs),
        limits=situation.limits,
        python=situation.guest.python,
        packages=situation.guest.packages,
    )


def task(situation: Situation) -> str:
    """The first user turn: the problem's statement and the signature."""
    spec = situation.problem.spec
    return _render(
        "task.md.j2",
        statement=situation.problem.statement,
        direction=spec.objective.direction.capitalize(),
        objective=spec.objective.name,
        unit=spec.objective.unit,
        signature=spec.entry.signature,
    )


def feedback(situation: Situation, attempt: Attempt) -> str:
    """The user turn that answers an attempt: what its program did on each demonstration instance.

    Gaps are to the best objective of the attempts before it. The expert's value shows only where the problem
    says so.
    """
    spec = situation.problem.spec
    return _render(
        "feedback.md.j2",
        reason=why_not_run(attempt),
        signature=spec.entry.signature,
        **_results(situation, attempt, _earlier(situation, attempt)),
        direction=spec.objective.direction.capitalize(),
        objective=spec.objective.name,
    )


def judged(situation: Situation, attempt: Attempt) -> str:
    """What an attempt's program did on each demonstration instance, and nothing else."""
    return _render("judged.md.j2", **_results(situation, attempt, _earlier(situation, attempt)))


def tools_task(situation: Situation, calls: int) -> str:
    """The first user turn for a model that works by tools, of which it may call ``calls`` in one turn."""
    spec = situation.problem.spec
    return _render("tools.md.j2", title=spec.title, summary=spec.summary, turns=situation.iterations, calls=calls)


def history(situation: Situation) -> str:
    """One line for each attempt that judged a program: its outcomes and objectives."""
    entries = [
        {"number": attempt.number, "words": _in_one_line(attempt)}
        for attempt in situation.attempts
        if attempt.demo is not None
    ]
    return _render("history.md.j2", entries=entries)


def variation(situation: Situation, operator: str, parents: Sequence[Attempt]) -> str:
    """The user turn that asks for a new program from earlier ones, which are shown in the order of ``parents``.

    Raises:
        ValueError: a parent has no program.
    """
    if any(parent.program is None for parent in parents):
        raise ValueError("parents must have programs")
    shown = [{"program": parent.program, **_results(situation, parent, ())} for parent in parents]
    return _render("evolve.md.j2", task=task(situation).strip(), operator=operator, parents=shown)


def _results(situation: Situation, attempt: Attempt, earlier: Sequence[Attempt]) -> dict[str, Any]:
    runs = attempt.demo.runs if attempt.demo is not None else ()
    judgings = [other.demo for other in earlier if other.demo is not None]
    spec = situation.problem.spec
    return {
        "results": [
            describe_run(
                run,
                judgings,
                spec.objective.direction,
                situation.limits,
                show_expert=spec.baseline.show_to_model,
            )
            for run in runs
        ],
        "feasible": sum(run.outcome is Outcome.FEASIBLE for run in runs),
    }


def _earlier(situation: Situation, attempt: Attempt) -> list[Attempt]:
    return [other for other in situation.attempts if other.number < attempt.number]


def _in_one_line(attempt: Attempt) -> str:
    assert attempt.demo is not None
    return ", ".join(
        f"{run.instance} {run.outcome.value if run.objective is None else format(run.objective, '.12g')}"
        for run in attempt.demo.runs
    )


def why_not_run(attempt: Attempt) -> str | None:
    """Why no program of an attempt was run; ``None`` when one was."""
    if attempt.demo is not None:
        return None
    if attempt.reply is not None and not attempt.reply.usable:
        return _UNUSABLE[attempt.reply.finish]
    return _NO_PROGRAM


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values).strip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("heurigym.agents", "prompts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters["number"] = "{:g}".format
    return environment
