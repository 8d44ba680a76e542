"""A reply while it streams in, and what it turns out to be once the stream has ended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heurigym.models.errors import RubbishReply
from heurigym.models.protocol import Finish, Reply, Request, ToolCall, Usage
from heurigym.models.tokens import about, about_input


@dataclass
class PartialCall:
    """A tool call of which the arguments are still coming in."""

    id: str = ""
    name: str = ""
    arguments: str = ""

    def finished(self) -> ToolCall:
        """The call; arguments that are no JSON object are kept as text."""
        try:
            arguments = json.loads(self.arguments or "{}")
        except ValueError:
            arguments = None
        identifier, name = well_formed(self.id), well_formed(self.name)
        if isinstance(arguments, dict):
            return ToolCall(id=identifier, name=name, arguments=well_formed(arguments), malformed=None)
        return ToolCall(id=identifier, name=name, arguments={}, malformed=well_formed(self.arguments))


@dataclass
class Answer:
    """What has come in so far.

    Attributes:
        events: events of the stream.
        text: pieces of the answer.
        thinking: pieces of the thinking, where the provider shows it.
        calls: tool calls, by the stream's own index.
        finish: how it ended; unset until the provider says so.
        usage: tokens, normalised; unset until the provider says so.
    """

    events: int = 0
    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    calls: dict[Any, PartialCall] = field(default_factory=dict)
    finish: Finish | None = None
    usage: Usage | None = None
    raw_usage: dict[str, Any] = field(default_factory=dict)
    served_model: str | None = None
    request_id: str | None = None
    note: str | None = None
    provider_state: dict[str, Any] = field(default_factory=dict)

    def read(self, event: object) -> dict[str, Any]:
        """One event of an SDK's stream as plain data.

        Raises:
            RubbishReply: it is not an object.
        """
        self.events += 1
        dump = getattr(event, "model_dump", None)
        data = dump(mode="json", by_alias=True, exclude_none=True, warnings=False) if dump is not None else event
        if not isinstance(data, dict):
            raise RubbishReply(f"the stream holds {data!r:.80} instead of an object")
        return data

    def call(self, index: object) -> PartialCall:
        """The tool call with this index, begun if need be."""
        return self.calls.setdefault(index, PartialCall())

    @property
    def has_begun(self) -> bool:
        """Whether anything of a reply has come in, so that the provider must have begun to work on it."""
        return bool(self.text or self.thinking or self.calls or self.usage or self.finish or self.request_id)

    def counted(self, request: Request) -> Usage:
        """Tokens as the provider counted them, else as they can be told from what was sent and came back."""
        thinking = about(_joined(self.thinking))
        arguments = _joined([call.arguments for call in self.calls.values()])
        output = about(_joined(self.text) + arguments) + thinking
        if self.usage is None:
            return Usage(
                input_tokens=about_input(request), output_tokens=output, reasoning_tokens=thinking, estimated=True
            )
        if self.finish is None and output > self.usage.output_tokens:
            # Until the end some providers report no more than the first token.
            return self.usage.model_copy(update={"output_tokens": output, "estimated": True})
        return self.usage

    def reply(self, request: Request, sent: Mapping[str, Any], latency_s: float) -> Reply:
        """The reply, once the stream has ended.

        Raises:
            RubbishReply: the stream held nothing of a reply.
        """
        if not self.has_begun:
            raise RubbishReply(f"nothing of a reply is in the stream's {self.events} events")
        usage = self.counted(request)
        calls = tuple(call.finished() for call in self.calls.values())
        finish, note = self._ended(usage)
        return Reply(
            text=_joined(self.text),
            tool_calls=calls,
            finish=finish,
            usage=usage,
            raw_usage=well_formed(self.raw_usage),
            served_model=well_formed(self.served_model),
            request_id=well_formed(self.request_id),
            sent=dict(sent),
            latency_s=latency_s,
            note=well_formed(note),
            provider_state=well_formed(self.provider_state) if calls else {},
        )

    def _ended(self, usage: Usage) -> tuple[Finish, str | None]:
        if self.finish is None:
            return Finish.CUT, self.note or "the stream ended without a finish reason"
        has_text = bool("".join(self.text).strip())
        if self.finish in (Finish.STOP, Finish.TOOL_CALLS):
            if self.calls:
                return Finish.TOOL_CALLS, self.note
            if has_text:
                return Finish.STOP, self.note
            if self.thinking or usage.reasoning_tokens:
                return Finish.REASONING_ONLY, self.note
            return Finish.EMPTY, self.note
        if self.finish is Finish.LENGTH and not has_text and self.note is None:
            return self.finish, f"all of the {usage.output_tokens} output tokens went before any text"
        return self.finish, self.note


def tokens(*, given: int, cached: int = 0, written: int = 0, output: int, reasoning: int = 0) -> Usage:
    """Counts as a provider reported them, made to agree with each other.

    Some servers count cached tokens beside the input, or thinking beside the output, instead of within.
    """
    return Usage(
        input_tokens=given if cached + written <= given else given + cached + written,
        cached_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output if reasoning <= output else output + reasoning,
        reasoning_tokens=reasoning,
    )


def well_formed(value: Any) -> Any:
    """``value`` with every text in it fit for UTF-8.

    JSON may hold halves of surrogate pairs, and a stream may break a pair in two: pairs are joined, single halves
    replaced.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {well_formed(key): well_formed(item) for key, item in value.items()}
    return [well_formed(item) for item in value] if isinstance(value, list) else value


def _joined(pieces: Sequence[str]) -> str:
    return str(well_formed("".join(pieces)))


def number(data: Mapping[str, Any], *path: str) -> int:
    """A count somewhere inside usage data; whatever is missing or no number is 0."""
    value: Any = data
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return max(0, value) if isinstance(value, int) else 0


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list of whatever came."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    """A text, or none."""
    return value if isinstance(value, str) else ""
