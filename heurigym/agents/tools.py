"""``tools``: the model works by native tool calls; each of its turns is one attempt."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from heurigym.agents.extraction import extract_program
from heurigym.agents.options import parse_options
from heurigym.agents.prompts import judged, system_prompt, tools_task, why_not_run
from heurigym.agents.strategy import Action, Plan, Situation, Strategy, Workbench
from heurigym.agents.toolbox import SUBMITTED, Toolbox, tool_specs
from heurigym.agents.trajectory import Attempt, ToolUse
from heurigym.models.protocol import Message, Reply, Request

_NO_TEXT = "(no text)"
_USE_TOOLS = "Go on by calling tools: `judge_program` has a program judged, `submit` ends the work."


class ToolsOptions(BaseModel):
    """Options of ``tools``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calls_per_turn: int = Field(8, ge=1, le=100, description="tools that are carried out in one turn")
    read_characters: int = Field(
        8000, ge=100, description="characters of an instance that one call of read_demo_instance gives at most"
    )


class Tools:
    """The conversation grows by the model's turn and the results of the tools that it called."""

    def __init__(self, options: ToolsOptions) -> None:
        self._options = options

    def plan(self, situation: Situation) -> Plan | None:
        """The conversation so far, until the model submits or its turns are used up."""
        attempts = situation.attempts
        if len(attempts) >= situation.iterations or any(map(_has_submitted, attempts)):
            return None
        messages = [Message(role="user", content=tools_task(situation, self._options.calls_per_turn))]
        for attempt in attempts:
            messages += _turns(situation, attempt)
        request = Request(
            system=system_prompt(situation, tools=True),
            messages=tuple(messages),
            tools=tool_specs(),
            temperature=situation.temperature,
            max_output_tokens=situation.max_output_tokens,
        )
        return Plan(request)

    async def act(self, situation: Situation, reply: Reply, bench: Workbench) -> Action:
        """Carry out the calls in their order; a program in a reply without calls is judged as if by a call."""
        box = Toolbox(situation, bench, self._options.read_characters)
        uses: list[ToolUse] = []
        for position, call in enumerate(reply.tool_calls):
            if position >= self._options.calls_per_turn:
                result = f"Not carried out: at most {self._options.calls_per_turn} calls are, in one turn."
            elif uses and uses[-1].result == SUBMITTED:
                result = "Not carried out: the work has been submitted."
            else:
                result = await box.call(call)
            uses.append(ToolUse(call=call, result=result))
        if not reply.tool_calls and (program := extract_program(reply.text)) is not None:
            await box.judge(program)
        return Action(box.program, box.demo, tuple(uses))


def make_tools(options: Mapping[str, Any]) -> Strategy:
    """A ``tools`` strategy with ``options``.

    Raises:
        InputError: it does not take them.
    """
    return Tools(parse_options("tools", options, ToolsOptions))


def _has_submitted(attempt: Attempt) -> bool:
    return any(use.result == SUBMITTED for use in attempt.tools)


def _turns(situation: Situation, attempt: Attempt) -> list[Message]:
    """The model's turn and what it was told."""
    left = f"Turns left: {situation.iterations - attempt.number - 1}."
    reply = attempt.reply
    if reply is not None and reply.usable and reply.tool_calls:
        answers = [Message(role="tool", content=use.result, tool_call_id=use.call.id) for use in attempt.tools]
        answers[-1] = answers[-1].model_copy(update={"content": f"{answers[-1].content}\n\n{left}"})
        return [reply.turn(), *answers]
    # A reply that broke off may hold calls that were never answered; providers refuse those.
    said = Message(role="assistant", content=(reply.text.strip() if reply is not None else "") or _NO_TEXT)
    outcome = judged(situation, attempt).strip() if attempt.demo is not None else why_not_run(attempt)
    return [said, Message(role="user", content="\n\n".join(filter(None, (outcome, _USE_TOOLS, left))))]
