"""The chat completions wire: ``openai-chat/...`` and every OpenAI-compatible server."""

import json
from collections.abc import Mapping
from typing import Any

from heurigym.models.answer import Answer, number, objects, string, tokens
from heurigym.models.limits import CallLimits
from heurigym.models.names import ModelName
from heurigym.models.openai_client import OptionalSettings, cache_key, make_client
from heurigym.models.protocol import Finish, Message, Request, Usage
from heurigym.models.providers import Endpoint
from heurigym.models.remote import RemoteModel

_STATE = "chat_thinking"
_FINISHES = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "content_filter": Finish.REFUSED,
}


class OpenAIChat(RemoteModel):
    """A model behind ``/chat/completions``."""

    def __init__(self, name: ModelName, endpoint: Endpoint, limits: CallLimits) -> None:
        super().__init__(name, endpoint, limits)
        self._client = make_client(endpoint, limits)
        self._optional = OptionalSettings("temperature", "seed", "prompt_cache_key")

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    async def _stream(self, request: Request, answer: Answer) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "system", "content": request.system}, *map(_message, request.messages)],
        }
        if request.tools:
            body["tools"] = [{"type": "function", "function": tool.model_dump()} for tool in request.tools]
        given = {
            self._endpoint.provider.cap_field: request.max_output_tokens,
            "reasoning_effort": self._effort,
            "temperature": request.temperature,
            "seed": request.seed,
            "prompt_cache_key": cache_key(request) if self._endpoint.provider.takes_cache_key else None,
        }
        stream, sent = await self._optional.call(
            {key: value for key, value in given.items() if value is not None},
            lambda settings: self._client.chat.completions.create(
                **body, **settings, stream=True, stream_options={"include_usage": True}
            ),
        )
        async with stream:
            async for event in stream:
                self._take(answer.read(event), answer)
        return {
            "wire": "openai-chat",
            "temperature": sent.get("temperature"),
            "seed": sent.get("seed"),
            "max_output_tokens": request.max_output_tokens,
            "effort": self._effort,
        }

    def _take(self, event: Mapping[str, Any], answer: Answer) -> None:
        answer.served_model = string(event.get("model")) or answer.served_model
        answer.request_id = string(event.get("id")) or answer.request_id
        if isinstance(usage := event.get("usage"), dict):
            answer.raw_usage = usage
            answer.usage = _usage(usage)
        for choice in objects(event.get("choices")):
            delta = choice.get("delta")
            if isinstance(delta, dict):
                _take_delta(delta, answer)
            reason = choice.get("finish_reason")
            if reason is not None and answer.finish is not Finish.REFUSED:
                answer.finish = _FINISHES.get(str(reason))
                if answer.finish in (None, Finish.REFUSED):
                    answer.note = f"finish reason {reason}"


def _take_delta(delta: Mapping[str, Any], answer: Answer) -> None:
    answer.text.append(string(delta.get("content")))
    _keep_state(delta, answer)
    # Two names are in use for the same thing, and some servers send both.
    if thinking := string(delta.get("reasoning_content")) or string(delta.get("reasoning")):
        answer.thinking.append(thinking)
    if refusal := string(delta.get("refusal")):
        answer.finish = Finish.REFUSED
        answer.note = (answer.note or "") + refusal
    for piece in objects(delta.get("tool_calls")):
        call = answer.call(piece.get("index", piece.get("id")))
        call.id = string(piece.get("id")) or call.id
        if isinstance(function := piece.get("function"), dict):
            call.name = string(function.get("name")) or call.name
            call.arguments += string(function.get("arguments"))


def _keep_state(delta: Mapping[str, Any], answer: Answer) -> None:
    """Keep the thinking under the names that it came by: DeepSeek and OpenRouter want it back with tool calls."""
    state = answer.provider_state.setdefault(_STATE, {})
    if piece := string(delta.get("reasoning_content")):
        state["reasoning_content"] = state.get("reasoning_content", "") + piece
    if details := objects(delta.get("reasoning_details")):
        state["reasoning_details"] = [*state.get("reasoning_details", []), *details]


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        turn.update(message.provider_state.get(_STATE, {}))
        turn["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.malformed or json.dumps(call.arguments)},
            }
            for call in message.tool_calls
        ]
    return turn


def _usage(usage: Mapping[str, Any]) -> Usage:
    cached = number(usage, "prompt_tokens_details", "cached_tokens") or number(usage, "prompt_cache_hit_tokens")
    return tokens(
        given=number(usage, "prompt_tokens"),
        cached=cached,
        written=number(usage, "prompt_tokens_details", "cache_write_tokens"),
        output=number(usage, "completion_tokens"),
        reasoning=number(usage, "completion_tokens_details", "reasoning_tokens"),
    )
