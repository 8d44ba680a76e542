"""What providers send: the events of a reply on each of the four wires, in the shapes that their SDKs document."""

import json
from typing import Any

Call = tuple[str, str, dict[str, Any]]
"""Identifier, name and arguments of a tool call."""

USAGE = {"input": 1000, "cached": 800, "written": 100, "output": 60, "reasoning": 40}
"""Tokens of a reply unless a test says otherwise; input holds cached and written, output holds reasoning."""


def chat(
    text: str = "",
    finish: str | None = "stop",
    *,
    thinking: str = "",
    refusal: str | None = None,
    calls: tuple[Call, ...] = (),
    usage: dict[str, int] | None = USAGE,
) -> list[Any]:
    """A reply as ``/chat/completions`` streams it."""

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {
            "id": "c1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "served-1",
            "choices": [choice],
        }

    events: list[Any] = [chunk({"role": "assistant", "content": ""})]
    if thinking:
        events.append(chunk({"reasoning_content": thinking}))
    events += [chunk({"content": piece}) for piece in halves(text)]
    if refusal is not None:
        events.append(chunk({"refusal": refusal}))
    for index, (identifier, name, arguments) in enumerate(calls):
        first, second = halves(json.dumps(arguments))
        function = {"name": name, "arguments": first}
        events.append(chunk({"tool_calls": [{"index": index, "id": identifier, "function": function}]}))
        events.append(chunk({"tool_calls": [{"index": index, "function": {"arguments": second}}]}))
    if finish is not None:
        events.append(chunk({}, finish))
    if usage is not None:
        details = {"cached_tokens": usage["cached"], "cache_write_tokens": usage["written"]}
        counts = {
            "prompt_tokens": usage["input"],
            "completion_tokens": usage["output"],
            "total_tokens": usage["input"] + usage["output"],
            "prompt_tokens_details": details,
            "completion_tokens_details": {"reasoning_tokens": usage["reasoning"]},
        }
        events.append({**chunk({}), "choices": [], "usage": counts})
    return [*events, "data: [DONE]\n\n"] if finish is not None else events


def responses(
    text: str = "",
    finish: str | None = "stop",
    *,
    thinking: str = "",
    refusal: str | None = None,
    calls: tuple[Call, ...] = (),
    usage: dict[str, int] | None = USAGE,
) -> list[Any]:
    """A reply as ``/responses`` streams it; ``finish`` is stop, or the reason of an incomplete one."""
    response: dict[str, Any] = {
        "id": "r1",
        "object": "response",
        "created_at": 1,
        "model": "served-1",
        "output": [],
    }
    events: list[Any] = [{"type": "response.created", "response": {**response, "status": "in_progress"}}]
    events += [{"type": "response.output_text.delta", "item_id": "m", "delta": piece} for piece in halves(text)]
    if finish is None:
        return numbered(events)
    output: list[Any] = []
    if thinking or calls:
        summary = [{"type": "summary_text", "text": thinking}]
        output.append({"type": "reasoning", "id": "rs", "summary": summary, "encrypted_content": "sealed"})
    content: list[Any] = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    if refusal is not None:
        content.append({"type": "refusal", "refusal": refusal})
    if content:
        output.append(
            {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": content}
        )
    for identifier, name, arguments in calls:
        item = {"type": "function_call", "id": "fc", "call_id": identifier, "name": name, "status": "completed"}
        output.append({**item, "arguments": json.dumps(arguments)})
    response["output"] = output
    if usage is not None:
        response["usage"] = {
            "input_tokens": usage["input"],
            "output_tokens": usage["output"],
            "total_tokens": usage["input"] + usage["output"],
            "input_tokens_details": {"cached_tokens": usage["cached"], "cache_write_tokens": usage["written"]},
            "output_tokens_details": {"reasoning_tokens": usage["reasoning"]},
        }
    status = "completed" if finish == "stop" else "incomplete"
    response["status"] = status
    response["incomplete_details"] = None if finish == "stop" else {"reason": finish}
    return numbered([*events, {"type": f"response.{status}", "response": response}])


def messages(
    text: str = "",
    finish: str | None = "end_turn",
    *,
    thinking: str = "",
    details: dict[str, Any] | None = None,
    calls: tuple[Call, ...] = (),
    usage: dict[str, int] | None = USAGE,
) -> list[Any]:
    """A reply as ``/v1/messages`` streams it."""
    counts = usage or USAGE
    start = {
        "input_tokens": counts["input"] - counts["cached"] - counts["written"],
        "cache_read_input_tokens": counts["cached"],
        "cache_creation_input_tokens": counts["written"],
        "output_tokens": 1,
    }
    message = {"id": "msg1", "type": "message", "role": "assistant", "model": "served-1", "content": []}
    events: list[Any] = [{"type": "message_start", "message": {**message, "stop_reason": None, "usage": start}}]
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if thinking:
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in halves(thinking)]
        deltas.append({"type": "signature_delta", "signature": "sealed"})
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
    if text:
        blocks.append(
            ({"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in halves(text)])
        )
    for identifier, name, arguments in calls:
        pieces = [{"type": "input_json_delta", "partial_json": piece} for piece in halves(json.dumps(arguments))]
        blocks.append(({"type": "tool_use", "id": identifier, "name": name, "input": {}}, pieces))
    for index, (block, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    if finish is None:
        return events
    end = {"output_tokens": counts["output"], "output_tokens_details": {"thinking_tokens": counts["reasoning"]}}
    delta = {"stop_reason": finish, "stop_details": details}
    return [*events, {"type": "message_delta", "delta": delta, "usage": end}, {"type": "message_stop"}]


def gemini(
    text: str = "",
    finish: str | None = "STOP",
    *,
    thinking: str = "",
    blocked: str | None = None,
    calls: tuple[Call, ...] = (),
    usage: dict[str, int] | None = USAGE,
) -> list[Any]:
    """A reply as ``:streamGenerateContent`` streams it; ``blocked`` is the reason of a refused prompt."""
    counts = usage or USAGE
    metadata = {
        "promptTokenCount": counts["input"],
        "cachedContentTokenCount": counts["cached"],
        "candidatesTokenCount": counts["output"] - counts["reasoning"],
        "thoughtsTokenCount": counts["reasoning"],
        "totalTokenCount": counts["input"] + counts["output"],
    }
    about: dict[str, Any] = {"modelVersion": "served-1", "responseId": "g1", "usageMetadata": metadata}
    if blocked is not None:
        return [{**about, "promptFeedback": {"blockReason": blocked}}]
    parts: list[dict[str, Any]] = [{"text": thinking, "thought": True}] if thinking else []
    parts += [{"text": piece} for piece in halves(text)]
    for identifier, name, arguments in calls:
        call = {"id": identifier, "name": name, "args": arguments}
        parts.append({"functionCall": call, "thoughtSignature": "c2VhbGVk"})
    events: list[Any] = [
        {**about, "candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}}]} for part in parts
    ]
    if finish is not None:
        events.append({**about, "candidates": [{"index": 0, "finishReason": finish}]})
    return events or [about]


def halves(text: str) -> list[str]:
    """The text in two pieces, as streams break it."""
    middle = len(text) // 2
    return [text[:middle], text[middle:]] if text else []


def numbered(events: list[dict[str, Any]]) -> list[Any]:
    """The events with the numbers that the wire gives them."""
    return [{**event, "sequence_number": number, "output_index": 0} for number, event in enumerate(events)]
