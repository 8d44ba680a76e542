"""The Messages wire: ``anthropic/...``."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import anthropic

from heurigym.models.answer import Answer, number, string, tokens
from heurigym.models.errors import stream_failure
from heurigym.models.limits import CONNECT_TIMEOUT_S, CallLimits
from heurigym.models.names import ModelName
from heurigym.models.protocol import Finish, Message, Request
from heurigym.models.providers import Endpoint
from heurigym.models.remote import RemoteModel

_STATE = "anthropic_content"
_CACHED = {"type": "ephemeral"}
_UNSET_OUTPUT_TOKENS = 32_768
_FINISHES = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOL_CALLS,
    "refusal": Finish.REFUSED,
}


class Anthropic(RemoteModel):
    """A model behind ``/v1/messages``. The API has no temperature, so none is sent."""

    def __init__(self, name: ModelName, endpoint: Endpoint, limits: CallLimits) -> None:
        super().__init__(name, endpoint, limits)
        base_url = endpoint.base_url
        self._client = anthropic.AsyncAnthropic(
            api_key=endpoint.key.reveal(),
            base_url=base_url.rstrip("/").removesuffix("/v1") if base_url is not None else None,
            max_retries=0,
            timeout=anthropic.Timeout(limits.idle_timeout_s, connect=CONNECT_TIMEOUT_S),
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    async def _stream(self, request: Request, answer: Answer) -> dict[str, Any]:
        cap = request.max_output_tokens or _UNSET_OUTPUT_TOKENS
        body: dict[str, Any] = {
            "model": self._model,
            "max_tokens": cap,
            "messages": _messages(request.messages),
            **_thinking(self._effort),
        }
        if request.system:
            body["system"] = [{"type": "text", "text": request.system, "cache_control": _CACHED}]
        if request.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
                for tool in request.tools
            ]
        blocks: dict[int, dict[str, Any]] = {}
        async with await self._client.messages.create(**body, stream=True) as stream:
            # Read before the SDK's own reading, which passes over events that have lost their name.
            async for event in stream.raw_events(stream.response):
                if event.data:
                    _take(answer.read(event.json()), answer, blocks)
        _assemble(blocks, answer)
        return {
            "wire": "anthropic",
            "temperature": None,
            "seed": None,
            "max_output_tokens": cap,
            "effort": self._effort,
        }


def _thinking(effort: str | None) -> dict[str, Any]:
    if effort is None:
        return {}
    if effort == "none":
        return {"thinking": {"type": "disabled"}}
    return {"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}}


def _take(event: Mapping[str, Any], answer: Answer, blocks: dict[int, dict[str, Any]]) -> None:
    kind = event.get("type")
    index = number(event, "index")
    if kind == "error":
        error = event.get("error")
        raise stream_failure(error if isinstance(error, dict) else {})
    if kind == "message_start" and isinstance(message := event.get("message"), dict):
        answer.served_model = string(message.get("model")) or None
        answer.request_id = string(message.get("id")) or None
        _take_usage(message.get("usage"), answer)
    elif kind == "content_block_start" and isinstance(block := event.get("content_block"), dict):
        blocks[index] = {**block, "input": ""} if block.get("type") == "tool_use" else dict(block)
        answer.text.append(string(block.get("text")))
        answer.thinking.extend(filter(None, [string(block.get("thinking")) or string(block.get("data"))]))
        if block.get("type") == "tool_use":
            call = answer.call(index)
            call.id, call.name = string(block.get("id")), string(block.get("name"))
    elif kind == "content_block_delta" and isinstance(delta := event.get("delta"), dict):
        _take_delta(delta, index, answer, blocks.setdefault(index, {}))
    elif kind == "message_delta" and isinstance(delta := event.get("delta"), dict):
        _take_usage(event.get("usage"), answer)
        reason = delta.get("stop_reason")
        answer.finish = _FINISHES.get(str(reason))
        if reason is not None and answer.finish in (None, Finish.REFUSED):
            details = delta.get("stop_details")
            words = [string(details.get(key)) for key in ("category", "explanation")] if details else []
            answer.note = ": ".join(filter(None, [f"stop reason {reason}", *words]))


def _take_delta(delta: Mapping[str, Any], index: int, answer: Answer, block: dict[str, Any]) -> None:
    for field, pieces in (("text", answer.text), ("thinking", answer.thinking)):
        if piece := string(delta.get(field)):
            pieces.append(piece)
            block[field] = block.get(field, "") + piece
    if signature := string(delta.get("signature")):
        block["signature"] = signature
    answer_input = string(delta.get("partial_json"))
    if answer_input:
        answer.call(index).arguments += answer_input


def _assemble(blocks: Mapping[int, dict[str, Any]], answer: Answer) -> None:
    content = []
    for index, block in sorted(blocks.items()):
        if block.get("type") == "tool_use":
            call = answer.call(index).finished()
            content.append({"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments})
        elif block.get("type") in ("thinking", "redacted_thinking") or block.get("text"):
            content.append({key: value for key, value in block.items() if key not in ("citations",)})
    answer.provider_state = {_STATE: content}


def _take_usage(usage: object, answer: Answer) -> None:
    if not isinstance(usage, dict):
        return
    # The last event's counts are cumulative, and the fields that it leaves out keep their first value.
    answer.raw_usage = {**answer.raw_usage, **usage}
    raw = answer.raw_usage
    cached, written = number(raw, "cache_read_input_tokens"), number(raw, "cache_creation_input_tokens")
    output = number(raw, "output_tokens")
    answer.usage = tokens(
        given=number(raw, "input_tokens") + cached + written,
        cached=cached,
        written=written,
        output=output,
        reasoning=number(raw, "output_tokens_details", "thinking_tokens"),
    )


def _messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for role, group in groupby(
        messages, key=lambda message: "assistant" if message.role == "assistant" else "user"
    ):
        turns.append({"role": role, "content": [block for message in group for block in _blocks(message)]})
    # The first turn is what all samples of a problem share, the last one is what the next attempt will begin with.
    for turn in turns[:1] + turns[1:][-1:]:
        turn["content"][-1] = {**turn["content"][-1], "cache_control": _CACHED}
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}]
    if _STATE in message.provider_state:
        return list(message.provider_state[_STATE])
    # The API takes no empty text.
    text = [{"type": "text", "text": message.content}] if message.content.strip() else []
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
        for call in message.tool_calls
    ]
    return [*text, *calls] or [{"type": "text", "text": "(nothing)"}]
