"""What each adapter sends, and what it makes of a good reply."""

from decimal import Decimal
from typing import Any

import pytest
from model_support import CHAT, GEMINI, KEY, MESSAGES, REQUEST, RESPONSES, WIRES, Wire, ask, every_wire
from scripted_server import ScriptedServer, error, sse

from heurigym.models.protocol import Finish, Message, Request, ToolSpec, Usage
from heurigym.models.providers import PROVIDERS

TOOL = ToolSpec(
    name="judge",
    description="Judges a program.",
    parameters={"type": "object", "properties": {"program": {"type": "string"}}, "required": ["program"]},
)


@every_wire
def test_text_usage_price_and_identity_come_back(wire: Wire) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("Hello, wörld", thinking="hm"))) as server:
        reply = ask(server, wire)
    assert reply.text == "Hello, wörld"
    assert reply.finish is Finish.STOP
    assert reply.usable
    written = 0 if wire is GEMINI else 100
    assert reply.usage == Usage(
        input_tokens=1000, cached_tokens=800, cache_write_tokens=written, output_tokens=60, reasoning_tokens=40
    )
    assert reply.raw_usage
    assert reply.served_model == "served-1"
    assert reply.request_id
    assert reply.retries == 0
    assert reply.latency_s > 0
    assert reply.price_source is not None
    assert reply.price_source.startswith("genai-prices ")


@pytest.mark.parametrize(
    ("wire", "dollars"),
    [
        # 900 of the input at 2.50 less 800 cached at 0.25, the 100 written at the input's price, 60 out at 15.00.
        (RESPONSES, "0.0016"),
        (CHAT, "0.0016"),
        (GEMINI, "0.00095"),
    ],
)
def test_money_is_what_the_price_list_says_by_hand(wire: Wire, dollars: str) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("x"))) as server:
        assert ask(server, wire).cost_usd == Decimal(dollars)


def test_openai_is_asked_for_a_stream_with_usage_and_a_cache_key() -> None:
    with ScriptedServer(lambda call: sse(CHAT.reply("x"))) as server:
        reply = ask(server, CHAT, REQUEST.model_copy(update={"temperature": 0.5, "seed": 7}), effort=":low")
    (call,) = server.calls
    assert call.path == "/v1/chat/completions"
    assert call.headers["authorization"] == f"Bearer {KEY}"
    cache_key = call.body.pop("prompt_cache_key")
    assert len(cache_key) == 32
    assert call.body == {
        "model": "gpt-5.4",
        "messages": [
            {"role": "system", "content": "You write heuristics."},
            {"role": "user", "content": "Solve the problem."},
        ],
        "max_completion_tokens": 500,
        "reasoning_effort": "low",
        "temperature": 0.5,
        "seed": 7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert reply.sent == {
        "wire": "openai-chat",
        "temperature": 0.5,
        "seed": 7,
        "max_output_tokens": 500,
        "effort": "low",
    }


def test_responses_are_not_stored_at_the_provider() -> None:
    with ScriptedServer(lambda call: sse(RESPONSES.reply("x"))) as server:
        reply = ask(server, RESPONSES, REQUEST.model_copy(update={"temperature": 0.5, "seed": 7}), effort=":high")
    (call,) = server.calls
    assert call.path == "/v1/responses"
    del call.body["prompt_cache_key"]
    assert call.body == {
        "model": "gpt-5.4",
        "instructions": "You write heuristics.",
        "input": [{"role": "user", "content": "Solve the problem."}],
        "max_output_tokens": 500,
        "reasoning": {"effort": "high"},
        "temperature": 0.5,
        "store": False,
        "stream": True,
    }
    assert reply.sent["seed"] is None


def test_anthropic_gets_cache_marks_and_no_temperature() -> None:
    conversation = (
        Message(role="user", content="statement"),
        Message(role="assistant", content=""),
        Message(role="user", content="feedback"),
    )
    request = REQUEST.model_copy(update={"messages": conversation, "temperature": 0.0, "seed": 7})
    with ScriptedServer(lambda call: sse(MESSAGES.reply("x"))) as server:
        reply = ask(server, MESSAGES, request, effort=":high")
    (call,) = server.calls
    mark = {"type": "ephemeral"}
    assert call.path == "/v1/messages"
    assert call.body == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 500,
        "system": [{"type": "text", "text": "You write heuristics.", "cache_control": mark}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "statement", "cache_control": mark}]},
            {"role": "assistant", "content": [{"type": "text", "text": "(nothing)"}]},
            {"role": "user", "content": [{"type": "text", "text": "feedback", "cache_control": mark}]},
        ],
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "high"},
        "stream": True,
    }
    assert reply.sent["temperature"] is None
    assert reply.sent["seed"] is None


def test_gemini_gets_its_thinking_level() -> None:
    with ScriptedServer(lambda call: sse(GEMINI.reply("x"))) as server:
        reply = ask(server, GEMINI, REQUEST.model_copy(update={"temperature": 0.5, "seed": 7}), effort=":low")
    (call,) = server.calls
    assert call.path == "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"
    assert call.headers["x-goog-api-key"] == KEY
    assert call.body["contents"] == [{"role": "user", "parts": [{"text": "Solve the problem."}]}]
    assert call.body["systemInstruction"]["parts"] == [{"text": "You write heuristics."}]
    assert call.body["generationConfig"] == {
        "maxOutputTokens": 500,
        "temperature": 0.5,
        "seed": 7,
        "thinkingConfig": {"thinking_level": "LOW"},
    }
    assert reply.sent["temperature"] == 0.5


@pytest.mark.parametrize("wire", [CHAT, RESPONSES], ids=["chat", "responses"])
def test_a_temperature_that_the_model_does_not_take_is_left_out_and_recorded_so(wire: Wire) -> None:
    def behave(call: Any) -> Any:
        if "temperature" in call.body:
            words = "Unsupported parameter: 'temperature' is not supported with this model."
            return error(400, words, type="invalid_request_error", param="temperature")
        return sse(wire.reply("x"))

    with ScriptedServer(behave) as server:
        reply = ask(server, wire, REQUEST.model_copy(update={"temperature": 0.0}))
    assert reply.finish is Finish.STOP
    assert reply.sent["temperature"] is None
    assert reply.retries == 0
    assert len(server.calls) == 2


@every_wire
def test_tools_go_round_in_native_form(wire: Wire) -> None:
    arguments = {"program": "def solve(): ..."}

    def behave(call: Any) -> Any:
        if call.number == 0:
            finish = {MESSAGES: "tool_use", CHAT: "tool_calls"}.get(wire)
            ending = {} if finish is None else {"finish": finish}
            return sse(wire.reply("Let me see.", thinking="hm", calls=(("t1", "judge", arguments),), **ending))
        return sse(wire.reply("Done."))

    with ScriptedServer(behave) as server:
        first = Request(system="s", messages=(Message(role="user", content="go"),), tools=(TOOL,))
        asked = ask(server, wire, first)
        assert asked.finish is Finish.TOOL_CALLS
        (call,) = asked.tool_calls
        assert (call.id, call.name, call.arguments, call.malformed) == ("t1", "judge", arguments, None)
        result = Message(role="tool", content="feasible", tool_call_id=call.id)
        answered = ask(server, wire, first.model_copy(update={"messages": (*first.messages, asked.turn(), result)}))
    assert answered.finish is Finish.STOP
    assert server.calls[1].body["tools"] == server.calls[0].body["tools"]
    assert _carried(wire, server.calls[1].body)


def _carried(wire: Wire, body: Any) -> bool:
    """Whether the turn, its sealed thinking and the tool's result went back to the provider."""
    if wire is CHAT:
        _, _, turn, result = body["messages"]
        assert turn["reasoning_content"] == "hm"
        return bool(turn["tool_calls"][0]["id"] == "t1" and result["role"] == "tool")
    if wire is RESPONSES:
        kinds = [item.get("type") for item in body["input"]]
        assert body["input"][1]["encrypted_content"] == "sealed"
        return kinds == [None, "reasoning", "message", "function_call", "function_call_output"]
    if wire is MESSAGES:
        _, turn, result = body["messages"]
        assert [block["type"] for block in turn["content"]] == ["thinking", "text", "tool_use"]
        assert turn["content"][0]["signature"] == "sealed"
        assert turn["content"][2]["input"] == {"program": "def solve(): ..."}
        return bool(result["content"][0]["type"] == "tool_result")
    _, turn, result = body["contents"]
    assert turn["parts"][-1]["thoughtSignature"] == "c2VhbGVk"
    return bool(result["parts"][0]["functionResponse"]["name"] == "judge")


def test_arguments_that_are_no_object_are_kept_as_text() -> None:
    events = CHAT.reply("", "tool_calls", calls=(("t1", "judge", {}),))
    events[1]["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] = '{"program": '
    events[2]["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] = "def"
    with ScriptedServer(lambda call: sse(events)) as server:
        (call,) = ask(server, CHAT).tool_calls
    assert call.arguments == {}
    assert call.malformed == '{"program": def'


def test_a_gemini_call_without_identifier_is_answered_without_one() -> None:
    events = GEMINI.reply("", calls=(("t1", "judge", {}),))
    del events[0]["candidates"][0]["content"]["parts"][0]["functionCall"]["id"]
    first = Request(system="s", messages=(Message(role="user", content="go"),), tools=(TOOL,))
    with ScriptedServer(lambda call: sse(GEMINI.reply("Done.") if call.number else events)) as server:
        asked = ask(server, GEMINI, first)
        (call,) = asked.tool_calls
        result = Message(role="tool", content="feasible", tool_call_id=call.id)
        ask(server, GEMINI, first.model_copy(update={"messages": (*first.messages, asked.turn(), result)}))
    _, turn, result_turn = server.calls[1].body["contents"]
    assert "id" not in turn["parts"][0]["functionCall"]
    assert result_turn["parts"][0]["functionResponse"] == {"name": "judge", "response": {"output": "feasible"}}


def test_every_wire_is_tested() -> None:
    assert {PROVIDERS[wire.provider].wire for wire in WIRES} == {one.wire for one in PROVIDERS.values()}
