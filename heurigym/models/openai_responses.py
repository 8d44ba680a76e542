"""The Responses wire: ``openai/...``."""

import json
from collections.abc import Mapping
from typing import Any

from heurigym.models.answer import Answer, number, objects, string, tokens
from heurigym.models.errors import stream_failure
from heurigym.models.limits import CallLimits
from heurigym.models.names import ModelName
from heurigym.models.openai_client import OptionalSettings, cache_key, make_client
from heurigym.models.protocol import Finish, Message, Request, Usage
from heurigym.models.providers import Endpoint
from heurigym.models.remote import RemoteModel

_STATE = "openai_items"
_INCOMPLETE = {"max_output_tokens": Finish.LENGTH, "content_filter": Finish.REFUSED}
_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed")


class OpenAIResponses(RemoteModel):
    """A model behind ``/responses``. Nothing is stored at the provider."""

    def __init__(self, name: ModelName, endpoint: Endpoint, limits: CallLimits) -> None:
        super().__init__(name, endpoint, limits)
        self._client = make_client(endpoint, limits)
        self._optional = OptionalSettings("temperature", "prompt_cache_key", "include")

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()

    async def _stream(self, request: Request, answer: Answer) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "instructions": request.system,
            "input": [item for message in request.messages for item in _items(message)],
            "store": False,
        }
        if request.tools:
            body["tools"] = [{"type": "function", "strict": False, **tool.model_dump()} for tool in request.tools]
        given = {
            "max_output_tokens": request.max_output_tokens,
            "reasoning": {"effort": self._effort} if self._effort is not None else None,
            "temperature": request.temperature,
            "prompt_cache_key": cache_key(request),
            "include": ["reasoning.encrypted_content"] if request.tools else None,
        }
        stream, sent = await self._optional.call(
            {key: value for key, value in given.items() if value is not None},
            lambda settings: self._client.responses.create(**body, **settings, stream=True),
        )
        async with stream:
            async for event in stream:
                _take(answer.read(event), answer)
        return {
            "wire": "openai-responses",
            "temperature": sent.get("temperature"),
            "seed": None,
            "max_output_tokens": request.max_output_tokens,
            "effort": self._effort,
        }


def _take(event: Mapping[str, Any], answer: Answer) -> None:
    kind = event.get("type")
    if kind == "response.output_text.delta":
        answer.text.append(string(event.get("delta")))
    elif kind in ("response.reasoning_text.delta", "response.reasoning_summary_text.delta"):
        answer.thinking.append(string(event.get("delta")))
    elif kind == "error":
        raise stream_failure({key: event.get(key) for key in ("code", "message")})
    elif kind in _LAST_EVENTS and isinstance(response := event.get("response"), dict):
        _take_last(response, answer)


def _take_last(response: Mapping[str, Any], answer: Answer) -> None:
    answer.served_model = string(response.get("model")) or None
    answer.request_id = string(response.get("id")) or None
    if isinstance(usage := response.get("usage"), dict):
        answer.raw_usage = usage
        answer.usage = _usage(usage)
    status = response.get("status")
    if status == "failed":
        error = response.get("error")
        raise stream_failure(error if isinstance(error, dict) else {})
    if status == "completed":
        answer.finish = Finish.STOP
    elif status == "incomplete":
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        answer.finish = _INCOMPLETE.get(str(reason))
        answer.note = None if answer.finish is Finish.LENGTH else f"incomplete: {reason}"
    output = objects(response.get("output"))
    # The finished items are the whole answer; pieces that came before are the same once more.
    answer.text.clear()
    for item in output:
        _take_item(item, answer)
    answer.provider_state = {_STATE: [{k: v for k, v in item.items() if k != "status"} for item in output]}


def _take_item(item: Mapping[str, Any], answer: Answer) -> None:
    if item.get("type") == "message":
        for part in objects(item.get("content")):
            if part.get("type") == "output_text":
                answer.text.append(string(part.get("text")))
            elif part.get("type") == "refusal":
                answer.finish = Finish.REFUSED
                answer.note = string(part.get("refusal"))
    elif item.get("type") == "function_call":
        call = answer.call(item.get("call_id"))
        call.id = string(item.get("call_id"))
        call.name = string(item.get("name"))
        call.arguments = string(item.get("arguments"))
    elif item.get("type") == "reasoning" and not answer.thinking:
        answer.thinking.append("".join(string(part.get("text")) for part in objects(item.get("summary"))))


def _items(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "function_call_output", "call_id": message.tool_call_id, "output": message.content}]
    if _STATE in message.provider_state:
        return list(message.provider_state[_STATE])
    items: list[dict[str, Any]] = []
    if message.content or not message.tool_calls:
        items.append({"role": message.role, "content": message.content})
    for call in message.tool_calls:
        arguments = call.malformed or json.dumps(call.arguments)
        items.append({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
    return items


def _usage(usage: Mapping[str, Any]) -> Usage:
    return tokens(
        given=number(usage, "input_tokens"),
        cached=number(usage, "input_tokens_details", "cached_tokens"),
        written=number(usage, "input_tokens_details", "cache_write_tokens"),
        output=number(usage, "output_tokens"),
        reasoning=number(usage, "output_tokens_details", "reasoning_tokens"),
    )
