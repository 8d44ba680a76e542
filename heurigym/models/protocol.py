"""The one protocol that every language model is reached by: what goes in, what comes out, what can go wrong."""

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolSpec(_Record):
    """A tool that the model may call."""

    name: str = Field(description="name of the tool")
    description: str = Field(description="what it does, for the model")
    parameters: dict[str, Any] = Field(description="JSON schema of its arguments")


class ToolCall(_Record):
    """One call of a tool by the model."""

    id: str = Field(description="identifier that the tool's result must carry")
    name: str = Field(description="name of the tool")
    arguments: dict[str, Any] = Field(description="arguments, as the model gave them")
    malformed: str | None = Field(None, description="what the model gave instead, where it was not a JSON object")


class Message(_Record):
    """One turn of a conversation."""

    role: Literal["user", "assistant", "tool"] = Field(description="who speaks")
    content: str = Field(description="text of the turn")
    tool_calls: tuple[ToolCall, ...] = Field((), description="calls that an assistant turn makes")
    tool_call_id: str | None = Field(None, description="the call that a tool turn answers")
    provider_state: dict[str, Any] = Field(
        default_factory=dict,
        description="the provider's own items of an assistant turn (signed thinking), to be sent back unread",
    )


class Request(_Record):
    """One call of a model. Its fields alone decide the answer: they are what caches and resumes are keyed by."""

    system: str = Field(description="system prompt")
    messages: tuple[Message, ...] = Field(description="conversation so far, ending in a user or tool turn")
    tools: tuple[ToolSpec, ...] = Field((), description="tools that the model may call")
    max_output_tokens: int | None = Field(None, ge=1, description="cap on the answer, thinking included")
    temperature: float | None = Field(None, ge=0, description="sampling temperature; unset leaves the default")
    seed: int | None = Field(None, description="seed of sampling, where the provider takes one")


class Finish(StrEnum):
    """How a reply ended. Only ``stop`` and ``tool_calls`` are answers."""

    STOP = "stop"
    TOOL_CALLS = "tool_calls"
    LENGTH = "length"
    REFUSED = "refused"
    EMPTY = "empty"
    REASONING_ONLY = "reasoning_only"
    CUT = "cut"


class Usage(_Record):
    """Tokens of one call, normalised: input includes cached and cache-written, output includes reasoning."""

    input_tokens: int = Field(0, ge=0, description="all input tokens")
    cached_tokens: int = Field(0, ge=0, description="input tokens read from the provider's cache")
    cache_write_tokens: int = Field(0, ge=0, description="input tokens written to the provider's cache")
    output_tokens: int = Field(0, ge=0, description="all output tokens")
    reasoning_tokens: int = Field(0, ge=0, description="output tokens spent on thinking")
    estimated: bool = Field(False, description="whether the provider reported none and these are counted from text")


class FailedTry(_Record):
    """One try of a call that had to be repeated or given up, and what it cost."""

    message: str = Field(description="what went wrong, in the provider's words")
    status: int | None = Field(None, description="HTTP status, where there was one")
    usage: Usage | None = Field(None, description="tokens that the provider had already counted")
    cost_usd: Decimal | None = Field(None, ge=0, description="price of those tokens; null when unknown")


class Reply(_Record):
    """What came back from one call, and what it cost."""

    text: str = Field(description="text of the answer; empty when there was none")
    tool_calls: tuple[ToolCall, ...] = Field((), description="tools that the model wants called")
    finish: Finish = Field(description="how the reply ended")
    usage: Usage = Field(default_factory=Usage, description="tokens, normalised")
    raw_usage: dict[str, Any] = Field(default_factory=dict, description="usage as the provider reported it")
    served_model: str | None = Field(None, description="model that the provider says has answered")
    request_id: str | None = Field(None, description="the provider's identifier of the call")
    sent: dict[str, Any] = Field(default_factory=dict, description="sampling settings as sent; unset ones are null")
    latency_s: float = Field(0.0, ge=0, description="seconds from the request to the end of the reply")
    retries: int = Field(0, ge=0, description="failed tries before this reply")
    failed_tries: tuple[FailedTry, ...] = Field((), description="the failed tries, with what each cost")
    cost_usd: Decimal | None = Field(None, ge=0, description="price, failed tries included; null when unknown")
    price_source: str | None = Field(None, description="where the price comes from, with its version")
    cached: bool = Field(False, description="whether the reply came from the local cache and cost nothing")
    note: str | None = Field(None, description="the provider's words on a refusal or an early end")
    provider_state: dict[str, Any] = Field(
        default_factory=dict, description="the provider's own items of this turn; ``turn`` keeps them"
    )

    def turn(self) -> Message:
        """The reply as a turn of the conversation, complete enough to be answered."""
        return Message(
            role="assistant",
            content=self.text,
            tool_calls=self.tool_calls,
            tool_call_id=None,
            provider_state=self.provider_state,
        )

    @property
    def usable(self) -> bool:
        """Whether the reply is an answer."""
        return self.finish in (Finish.STOP, Finish.TOOL_CALLS)


class CallContext(_Record):
    """Where in a campaign a call belongs. Never sent to a provider: for scripts, replays and records."""

    problem: str = Field(description="name of the problem")
    problem_folder: Path = Field(description="folder of the problem")
    strategy: str = Field(description="name of the strategy")
    sample: int = Field(ge=0, description="number of the sample")
    attempt: int = Field(ge=0, description="number of the attempt, from 0")


class ModelError(Exception):
    """A call that gave no reply, in the provider's words.

    Attributes:
        permanent: whether trying again cannot help: wrong key, unknown model, bad request, no money.
        failed_tries: every try that was made, with what each cost.
    """

    def __init__(self, message: str, *, permanent: bool, failed_tries: tuple[FailedTry, ...] = ()) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.failed_tries = failed_tries

    @property
    def cost_usd(self) -> Decimal:
        """What the failed tries cost, as far as it is known."""
        return sum((failed.cost_usd or Decimal(0) for failed in self.failed_tries), Decimal(0))


class BudgetExceeded(ModelError):
    """A call that was not made, because its worst case does not fit under the campaign's or the cell's cap."""

    def __init__(self, message: str, *, failed_tries: tuple[FailedTry, ...] = ()) -> None:
        super().__init__(message, permanent=True, failed_tries=failed_tries)


class LanguageModel(Protocol):
    """A model that can be called, from one event loop, any number of times at once."""

    @property
    def name(self) -> str:
        """The name it was asked for by: ``provider/model[:effort]``."""
        ...

    @property
    def is_script(self) -> bool:
        """Whether it is a script or a replay rather than a language model; shown wherever it shows."""
        ...

    async def complete(self, request: Request, context: CallContext) -> Reply:
        """The model's reply.

        Raises:
            ModelError: there is none.
        """
        ...

    async def close(self) -> None:
        """Give back connections and processes."""
        ...
