"""The tools that a model may call: what they take, and what they answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heurigym.agents.prompts import feedback, history, judged, task
from heurigym.agents.strategy import Situation, Workbench
from heurigym.agents.trajectory import Attempt
from heurigym.execution.judging import Judging
from heurigym.models.protocol import ToolCall, ToolSpec
from heurigym.problems.instances import Instance
from heurigym.problems.spec import describe

SUBMITTED = "Submitted. The judged program that did best on the demonstration instances represents you."
"""What ``submit`` answers when it ends the work; nothing else answers so."""

Arguments = TypeVar("Arguments", bound=BaseModel)


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Nothing(_Arguments):
    pass


class _ReadInstance(_Arguments):
    name: str = Field(description="name of a demonstration instance")
    file: int = Field(0, ge=0, description="which of its input files, from 0 in the order of solve's arguments")
    offset: int = Field(0, ge=0, description="first character to read")
    length: int | None = Field(None, ge=1, description="characters to read; as many as are allowed unless given")


class _JudgeProgram(_Arguments):
    program: str = Field(description="the whole program; it defines solve")


class _ViewHistory(_Arguments):
    turn: int | None = Field(
        None, ge=1, description="turn whose program and results to show; all in brief if unset"
    )


class Toolbox:
    """Carries out the calls of one turn.

    Attributes:
        program: the program that was judged in this turn.
        demo: its judging.
    """

    def __init__(self, situation: Situation, bench: Workbench, read_characters: int) -> None:
        self._situation = situation
        self._bench = bench
        self._read_characters = read_characters
        self.program: str | None = None
        self.demo: Judging | None = None

    async def call(self, call: ToolCall) -> str:
        """The answer to a call; wrong calls are answered with what is wrong."""
        if call.name not in _TOOLS:
            return f"There is no tool {call.name!r}. There are: {', '.join(_TOOLS)}."
        if call.malformed is not None:
            return f"The arguments of {call.name} must be one JSON object, not {call.malformed[:200]}"
        _, model, carry_out = _TOOLS[call.name]
        try:
            arguments = model.model_validate(call.arguments)
        except ValidationError as error:
            return f"Not carried out. {describe(f'arguments of {call.name}', error)}."
        return await carry_out(self, arguments)

    async def judge(self, program: str) -> str:
        """Judge a program on the demonstration instances, one in each turn."""
        if self.program is not None:
            return "Not judged: only one program is judged in a turn, and one was. Call again in the next turn."
        self.program, self.demo = program, await self._bench.judge(program)
        return judged(self._situation, self._this_turn())

    def _this_turn(self) -> Attempt:
        """The attempt under way as it will be stored."""
        return self._situation.attempts[-1].model_copy(update={"program": self.program, "demo": self.demo})

    async def _read_statement(self, arguments: _Nothing) -> str:
        return task(self._situation)

    async def _list_instances(self, arguments: _Nothing) -> str:
        lines = []
        for instance in self._demo():
            sizes = ", ".join(f"{len(text)} characters" for text in _texts(instance))
            lines.append(f"- {instance.name}: {sizes}")
        return "\n".join(lines)

    async def _read_instance(self, arguments: _ReadInstance) -> str:
        instance = next((one for one in self._demo() if one.name == arguments.name), None)
        if instance is None:
            known = ", ".join(one.name for one in self._demo())
            return f"There is no demonstration instance {arguments.name!r}. There are: {known}."
        texts = _texts(instance)
        if arguments.file >= len(texts):
            return f"{instance.name} has {len(texts)} input files, numbered from 0."
        text = texts[arguments.file]
        length = min(arguments.length or self._read_characters, self._read_characters)
        part = text[arguments.offset : arguments.offset + length]
        end = arguments.offset + len(part)
        return f"Characters {arguments.offset} to {end} of {len(text)}:\n{part}"

    async def _judge_program(self, arguments: _JudgeProgram) -> str:
        return await self.judge(arguments.program)

    async def _view_history(self, arguments: _ViewHistory) -> str:
        if arguments.turn is None:
            return history(self._situation)
        earlier = self._situation.attempts[:-1]
        if arguments.turn > len(earlier) or (attempt := earlier[arguments.turn - 1]).program is None:
            return f"No program was judged in turn {arguments.turn}."
        return f"```python\n{attempt.program}```\n\n{feedback(self._situation, attempt)}"

    async def _submit(self, arguments: _Nothing) -> str:
        if self.demo is None and all(attempt.demo is None for attempt in self._situation.attempts):
            return "Not submitted: no program has been judged yet. Judge one first."
        return SUBMITTED

    def _demo(self) -> tuple[Instance, ...]:
        return self._situation.problem.instances("demo")


_Method = Callable[[Toolbox, Any], Awaitable[str]]

_TOOLS: Mapping[str, tuple[str, type[_Arguments], _Method]] = {
    "read_statement": (
        "Read the problem's statement: input, output, rules, objective, signature.",
        _Nothing,
        Toolbox._read_statement,
    ),
    "list_demo_instances": (
        "List the demonstration instances with their sizes.",
        _Nothing,
        Toolbox._list_instances,
    ),
    "read_demo_instance": (
        "Read a demonstration instance, or a part of it.",
        _ReadInstance,
        Toolbox._read_instance,
    ),
    "judge_program": (
        "Run a program on all demonstration instances and have its solutions verified. One in each turn.",
        _JudgeProgram,
        Toolbox._judge_program,
    ),
    "view_history": (
        "See what the programs judged so far did, or one of them with its source.",
        _ViewHistory,
        Toolbox._view_history,
    ),
    "submit": (
        "End the work. The best of the programs judged so far represents you.",
        _Nothing,
        Toolbox._submit,
    ),
}


def tool_specs() -> tuple[ToolSpec, ...]:
    """The tools as models are told of them."""
    return tuple(
        ToolSpec(name=name, description=description, parameters=_schema(model))
        for name, (description, model, _) in _TOOLS.items()
    )


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments in the plain form that all providers take."""
    schema = model.model_json_schema()
    properties = {name: _plain(field) for name, field in schema.get("properties", {}).items()}
    return {
        "type": "object",
        "properties": properties,
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


def _plain(field: Mapping[str, Any]) -> dict[str, Any]:
    kind = field.get("type") or next(one["type"] for one in field["anyOf"] if one["type"] != "null")
    return {"type": kind, "description": field["description"]}


def _texts(instance: Instance) -> list[str]:
    return [content.decode("utf-8", "replace") for content in instance.read()]
