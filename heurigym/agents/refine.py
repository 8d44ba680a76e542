"""``refine``: one program, improved again and again from the feedback on the demonstration instances."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from heurigym.agents.options import parse_options
from heurigym.agents.prompts import feedback, system_prompt, task
from heurigym.agents.strategy import Action, Plan, Situation, Strategy, Workbench, judge_program
from heurigym.agents.trajectory import Attempt, select
from heurigym.models.protocol import Message, Reply, Request

_NO_TEXT = "(no text)"


class RefineOptions(BaseModel):
    """Options of ``refine``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    history: Literal["full", "best_and_last"] = Field(
        "full", description="turns that the model sees: all of them, or the best attempt and the last one"
    )


class Refine:
    """Each request carries the statement, earlier programs and what became of them."""

    def __init__(self, options: RefineOptions) -> None:
        self._history = options.history

    def plan(self, situation: Situation) -> Plan | None:
        """The next request, until there are as many attempts as iterations."""
        attempts = situation.attempts
        if len(attempts) >= situation.iterations:
            return None
        shown = list(attempts) if self._history == "full" else _best_and_last(attempts)
        messages = [Message(role="user", content=task(situation))]
        for attempt in shown:
            text = attempt.reply.text if attempt.reply is not None else ""
            messages.append(Message(role="assistant", content=text.strip() or _NO_TEXT))
            messages.append(Message(role="user", content=feedback(situation, attempt)))
        request = Request(
            system=system_prompt(situation),
            messages=tuple(messages),
            temperature=situation.temperature,
            max_output_tokens=situation.max_output_tokens,
        )
        return Plan(request, tuple(attempt.number for attempt in shown))

    async def act(self, situation: Situation, reply: Reply, bench: Workbench) -> Action:
        """Judge the program in the reply."""
        return await judge_program(reply, bench)


def make_refine(options: Mapping[str, Any]) -> Strategy:
    """A ``refine`` strategy with ``options``.

    Raises:
        InputError: it does not take them.
    """
    return Refine(parse_options("refine", options, RefineOptions))


def _best_and_last(attempts: Sequence[Attempt]) -> list[Attempt]:
    best = select(list(attempts))
    numbers = sorted({number for number in (best, len(attempts) - 1) if number is not None and number >= 0})
    return [attempts[number] for number in numbers]
