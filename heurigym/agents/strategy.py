"""What a strategy is: it plans the next request from what has happened, and carries out what a reply asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from heurigym.agents.extraction import extract_program
from heurigym.agents.trajectory import Attempt, ToolUse
from heurigym.execution.judging import Judging
from heurigym.models.protocol import Message, Reply, Request
from heurigym.problems.problem import Problem
from heurigym.problems.spec import Limits


@dataclass(frozen=True)
class Guest:
    """What programs run with, for the prompt.

    Attributes:
        python: version of the interpreter.
        packages: libraries that a program may import, with versions.
    """

    python: str
    packages: Mapping[str, str]


@dataclass(frozen=True)
class Situation:
    """Everything that a strategy may plan from. Nothing of the eval split is in it.

    Attributes:
        problem: the problem.
        guest: what programs run with.
        limits: what an execution may use.
        iterations: how many attempts there may be.
        seed: seed of the strategy's own choices, different for each cell.
        attempts: what has happened, in order.
        messages: the conversation that an attempt was sent.
        temperature: sampling temperature to ask for.
        max_output_tokens: cap on a reply.
    """

    problem: Problem
    guest: Guest
    limits: Limits
    iterations: int
    seed: int
    attempts: Sequence[Attempt]
    messages: Callable[[Attempt], tuple[Message, ...]]
    temperature: float | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True)
class Plan:
    """The next call.

    Attributes:
        request: what to send.
        parents: numbers of the attempts that it was built from.
    """

    request: Request
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Action:
    """What came of a reply.

    Attributes:
        program: the program that it held.
        demo: that program's judging on the demo split.
        tools: tools that were called, with results.
    """

    program: str | None = None
    demo: Judging | None = None
    tools: tuple[ToolUse, ...] = ()


class Workbench(Protocol):
    """What a strategy may do with programs."""

    async def judge(self, program: str) -> Judging:
        """Judge a program on the demo split."""
        ...


class Strategy(Protocol):
    """A way to turn a problem and a model into attempts.

    ``plan`` is a pure function of the situation: a campaign that was stopped plans the same call again, and pays
    for no reply twice. Randomness comes from ``situation.seed`` and the number of the attempt.
    """

    def plan(self, situation: Situation) -> Plan | None:
        """The next call, or ``None`` when the strategy is done."""
        ...

    async def act(self, situation: Situation, reply: Reply, bench: Workbench) -> Action:
        """Carry out what a usable reply asks for."""
        ...


StrategyFactory = Callable[[Mapping[str, Any]], Strategy]
"""Makes a strategy of its options; raises ``InputError`` for options that it does not take."""


async def judge_program(reply: Reply, bench: Workbench) -> Action:
    """What most strategies do with a reply: find the program in it and judge it."""
    program = extract_program(reply.text)
    return Action() if program is None else Action(program, await bench.judge(program))
