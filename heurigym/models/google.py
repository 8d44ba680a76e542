"""The Gemini wire: ``google/...``."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from google import genai
from google.genai import types

from heurigym.models.answer import Answer, number, objects, string, tokens
from heurigym.models.limits import CallLimits
from heurigym.models.names import ModelName
from heurigym.models.protocol import Finish, Message, Request, Usage
from heurigym.models.providers import Endpoint
from heurigym.models.remote import RemoteModel

_STATE = "google_parts"
_UNNAMED = "unnamed_"
_FINISHES = {
    "STOP": Finish.STOP,
    "MAX_TOKENS": Finish.LENGTH,
    **dict.fromkeys(
        ("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "ESCALATION"),
        Finish.REFUSED,
    ),
}


class Google(RemoteModel):
    """A model behind ``:streamGenerateContent``."""

    def __init__(self, name: ModelName, endpoint: Endpoint, limits: CallLimits) -> None:
        super().__init__(name, endpoint, limits)
        base_url, version = _split_version(endpoint.base_url)
        self._client = genai.Client(
            vertexai=False,
            api_key=endpoint.key.reveal(),
            http_options=types.HttpOptions(
                base_url=base_url, api_version=version, timeout=round(limits.idle_timeout_s * 1000)
            ),
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aio.aclose()

    async def _stream(self, request: Request, answer: Answer) -> dict[str, Any]:
        config = types.GenerateContentConfig(
            system_instruction=request.system or None,
            max_output_tokens=request.max_output_tokens,
            temperature=request.temperature,
            seed=request.seed,
            thinking_config=_thinking(self._effort),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        if request.tools:
            functions = [
                types.FunctionDeclaration(
                    name=tool.name, description=tool.description, parameters_json_schema=tool.parameters
                )
                for tool in request.tools
            ]
            config.tools = [types.Tool(function_declarations=functions)]
        parts: list[dict[str, Any]] = []
        stream = await self._client.aio.models.generate_content_stream(
            model=self._model, contents=_contents(request.messages), config=config
        )
        async for event in stream:
            _take(answer.read(event), answer, parts)
        answer.provider_state = {_STATE: parts}
        return {
            "wire": "google",
            "temperature": request.temperature,
            "seed": request.seed,
            "max_output_tokens": request.max_output_tokens,
            "effort": self._effort,
        }


def _split_version(base_url: str | None) -> tuple[str | None, str | None]:
    match = re.fullmatch(r"(.*?)/(v\d\w*)/?", base_url or "")
    return (match[1], match[2]) if match else (base_url, None)


def _thinking(effort: str | None) -> types.ThinkingConfig | None:
    if effort is None:
        return None
    if effort == "none":
        return types.ThinkingConfig(thinking_budget=0)
    return types.ThinkingConfig(thinking_level=types.ThinkingLevel(effort.upper()))


def _take(event: Mapping[str, Any], answer: Answer, parts: list[dict[str, Any]]) -> None:
    answer.served_model = string(event.get("modelVersion")) or answer.served_model
    answer.request_id = string(event.get("responseId")) or answer.request_id
    if isinstance(usage := event.get("usageMetadata"), dict):
        answer.raw_usage = usage
        answer.usage = _usage(usage)
    feedback = event.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        answer.finish = Finish.REFUSED
        answer.note = (
            f"prompt blocked: {feedback['blockReason']} {string(feedback.get('blockReasonMessage'))}".strip()
        )
    for candidate in objects(event.get("candidates"))[:1]:
        content = candidate.get("content")
        for part in objects(content.get("parts")) if isinstance(content, dict) else ():
            parts.append(part)
            _take_part(part, answer)
        if reason := candidate.get("finishReason"):
            answer.finish = _FINISHES.get(str(reason))
            if answer.finish in (None, Finish.REFUSED):
                answer.note = f"finish reason {reason} {string(candidate.get('finishMessage'))}".strip()


def _take_part(part: Mapping[str, Any], answer: Answer) -> None:
    (answer.thinking if part.get("thought") else answer.text).append(string(part.get("text")))
    if isinstance(function := part.get("functionCall"), dict):
        index = len(answer.calls)
        call = answer.call(index)
        # The API may leave the identifier out; within a turn the number serves as well, but is not sent back.
        call.id = string(function.get("id")) or f"{_UNNAMED}{index}"
        call.name = string(function.get("name"))
        call.arguments = json.dumps(function.get("args") or {})


def _contents(messages: Iterable[Message]) -> list[types.Content]:
    names: dict[str | None, str] = {}
    contents = []
    for role, group in groupby(messages, key=lambda message: "model" if message.role == "assistant" else "user"):
        parts: list[dict[str, Any]] = []
        for message in group:
            names.update({call.id: call.name for call in message.tool_calls})
            parts.extend(_parts(message, names))
        # As JSON, because signatures are base64 there.
        contents.append(types.Content.model_validate_json(json.dumps({"role": role, "parts": parts})))
    return contents


def _parts(message: Message, names: Mapping[str | None, str]) -> list[dict[str, Any]]:
    if message.role == "tool":
        name = names.get(message.tool_call_id, "")
        response = {"name": name, "response": {"output": message.content}}
        return [{"functionResponse": {**_identifier(message.tool_call_id), **response}}]
    if _STATE in message.provider_state:
        return list(message.provider_state[_STATE])
    text = [{"text": message.content}] if message.content or not message.tool_calls else []
    calls = [
        {"functionCall": {**_identifier(call.id), "name": call.name, "args": call.arguments}}
        for call in message.tool_calls
    ]
    return [*text, *calls]


def _identifier(given: str | None) -> dict[str, str]:
    return {"id": given} if given and not given.startswith(_UNNAMED) else {}


def _usage(usage: Mapping[str, Any]) -> Usage:
    thoughts = number(usage, "thoughtsTokenCount")
    return tokens(
        given=number(usage, "promptTokenCount") + number(usage, "toolUsePromptTokenCount"),
        cached=number(usage, "cachedContentTokenCount"),
        output=number(usage, "candidatesTokenCount") + thoughts,
        reasoning=thoughts,
    )
