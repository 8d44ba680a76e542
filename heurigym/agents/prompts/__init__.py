"""The texts that models read, rendered from templates."""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from heurigym.agents.prompts.feedback import Result, describe_run
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


def system_prompt(situation: Situation) -> str:
    """The system prompt: the task of writing programs, limits and libraries as they really are."""
    entry = situation.problem.spec.entry
    return _render(
        "system.md.j2",
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
    earlier = [other for other in situation.attempts if other.number < attempt.number]
    runs = attempt.demo.runs if attempt.demo is not None else ()
    return _render(
        "feedback.md.j2",
        reason=_why_not_run(attempt),
        signature=spec.entry.signature,
        results=[_result(situation, run_index, attempt, earlier) for run_index in range(len(runs))],
        feasible=sum(run.outcome is Outcome.FEASIBLE for run in runs),
        direction=spec.objective.direction.capitalize(),
        objective=spec.objective.name,
    )


def _result(situation: Situation, index: int, attempt: Attempt, earlier: Sequence[Attempt]) -> Result:
    assert attempt.demo is not None
    return describe_run(
        attempt.demo.runs[index],
        [other.demo for other in earlier if other.demo is not None],
        situation.problem.spec.objective.direction,
        situation.limits,
        show_expert=situation.problem.spec.baseline.show_to_model,
    )


def _why_not_run(attempt: Attempt) -> str | None:
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
