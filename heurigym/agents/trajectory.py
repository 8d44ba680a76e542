"""What a strategy leaves behind: attempts, and the trajectory with everything that is needed to replay it."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from heurigym.execution.judging import Judging
from heurigym.models.protocol import Message, Reply, Request, ToolCall

SCHEMA_VERSION = 1
"""Version of the trajectory's format; a store with a newer one is refused."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cell(_Record):
    """One (problem, model, strategy, sample) of a campaign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    problem: str = Field(description="name of the problem")
    model: str = Field(description="name of the model")
    strategy: str = Field(description="name of the strategy")
    sample: int = Field(ge=0, description="number of the sample, from 0")

    def __str__(self) -> str:
        return f"{self.problem} / {self.model} / {self.strategy} / sample {self.sample}"


class StoredTurn(_Record):
    """One turn of a prompt; its text is stored once for each trajectory."""

    role: Literal["user", "assistant", "tool"] = Field(description="who speaks")
    text: int = Field(description="index of the text in the trajectory's texts")
    tool_calls: tuple[ToolCall, ...] = Field((), description="calls that an assistant turn makes")
    tool_call_id: str | None = Field(None, description="the call that a tool turn answers")


class StoredPrompt(_Record):
    """The prompt of one attempt."""

    system: int = Field(description="index of the system prompt in the trajectory's texts")
    turns: tuple[StoredTurn, ...] = Field(description="the conversation that was sent")


class ToolUse(_Record):
    """One call of a tool with its result."""

    call: ToolCall = Field(description="what the model asked for")
    result: str = Field(description="what it was told")


class Attempt(_Record):
    """One iteration: prompt, reply, program, its judging on the demo split."""

    number: int = Field(ge=0, description="number of the attempt, from 0")
    prompt: StoredPrompt = Field(description="what was sent")
    parents: tuple[int, ...] = Field(
        (), description="attempts that the prompt was built from, for strategies with a population"
    )
    reply: Reply | None = Field(None, description="what came back")
    program: str | None = Field(None, description="source of the program, when the reply held one")
    program_sha256: str | None = Field(None, description="SHA-256 of the program's source")
    tools: tuple[ToolUse, ...] = Field((), description="tools that the model called in this attempt, with results")
    demo: Judging | None = Field(None, description="judging on the demo split")
    eval: Judging | None = Field(None, description="judging on the eval split")
    complete: bool = Field(False, description="whether everything that the reply asks for has been done")
    started_at: str | None = Field(None, description="when the call was made, UTC, ISO 8601")

    @property
    def merit(self) -> tuple[float, float, int]:
        """What attempts are compared by: QYI on the demo split (yield without expert values), quality, number."""
        if self.demo is None:
            return 0.0, 0.0, self.number
        summary = self.demo.summary
        first = summary.yield_ if summary.qyi is None else summary.qyi
        return first, summary.quality_uncapped or 0.0, self.number


class Status(StrEnum):
    """How far a trajectory is."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class Trajectory(_Record):
    """All attempts of one cell."""

    schema_version: int = Field(SCHEMA_VERSION, description="version of this format")
    cell: Cell = Field(description="which cell it is")
    key: str = Field(description="hash of what decides the meaning of attempts; steps are reused when equal")
    problem_digest: str = Field(description="SHA-256 over all of the problem that prompts and verdicts depend on")
    seed: int = Field(description="seed of the strategy's own choices")
    is_script: bool = Field(description="whether the model is a script or a replay")
    official: bool = Field(description="whether programs ran in a sandbox that official scores may come from")
    status: Status = Field(Status.RUNNING, description="how far it is")
    error: str | None = Field(None, description="why it failed, in the words of whoever refused")
    texts: list[str] = Field(default_factory=list, description="texts of prompts, each stored once")
    attempts: list[Attempt] = Field(default_factory=list, description="attempts in order")
    selected: int | None = Field(None, description="attempt that represents the trajectory, by demo QYI alone")
    lost_cost_usd: Decimal = Field(Decimal(0), ge=0, description="money spent on calls that gave no reply")

    def store_prompt(self, request: Request) -> StoredPrompt:
        """``request`` in stored form; new texts are added to the trajectory."""
        return StoredPrompt(
            system=self._text(request.system),
            turns=tuple(
                StoredTurn(
                    role=message.role,
                    text=self._text(message.content),
                    tool_calls=message.tool_calls,
                    tool_call_id=message.tool_call_id,
                )
                for message in request.messages
            ),
        )

    def messages(self, prompt: StoredPrompt) -> tuple[Message, ...]:
        """The conversation of a stored prompt."""
        return tuple(
            Message(
                role=turn.role,
                content=self.texts[turn.text],
                tool_calls=turn.tool_calls,
                tool_call_id=turn.tool_call_id,
            )
            for turn in prompt.turns
        )

    @property
    def cost_usd(self) -> Decimal:
        """Money spent so far, lost calls included; replies of unknown price count as nothing."""
        return self.lost_cost_usd + sum(
            (attempt.reply.cost_usd or Decimal(0) for attempt in self.attempts if attempt.reply), Decimal(0)
        )

    def _text(self, text: str) -> int:
        if text in self.texts:
            return self.texts.index(text)
        self.texts.append(text)
        return len(self.texts) - 1


def select(attempts: list[Attempt]) -> int | None:
    """The attempt that represents a trajectory: highest demo QYI; ties go to higher uncapped quality, then later.

    The eval split plays no part. Without any judged program there is none.
    """
    judged = [attempt for attempt in attempts if attempt.demo is not None]
    return max(judged, key=lambda attempt: attempt.merit).number if judged else None
