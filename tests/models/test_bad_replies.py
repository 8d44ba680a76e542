"""Replies that are no answer are never taken for one, and what they cost is counted."""

import json
from decimal import Decimal
from typing import Any

import pytest
import wires
from model_support import CHAT, GEMINI, MESSAGES, RESPONSES, Wire, ask, every_wire
from scripted_server import Answer, Call, ScriptedServer, body, error, sse

from heurigym.models.protocol import Finish, ModelError

THOUGHT = {**wires.USAGE, "output": 500, "reasoning": 500}
REFUSALS: list[tuple[Wire, list[Any], str]] = [
    (CHAT, wires.chat("", refusal="I cannot help."), "I cannot help."),
    (CHAT, wires.chat("par", "content_filter"), "content_filter"),
    (RESPONSES, wires.responses("", refusal="I cannot help."), "I cannot help."),
    (RESPONSES, wires.responses("par", "content_filter"), "content_filter"),
    (MESSAGES, wires.messages("", "refusal", details={"type": "refusal", "category": "cyber"}), "cyber"),
    (GEMINI, wires.gemini("par", "SAFETY"), "SAFETY"),
    (GEMINI, wires.gemini(blocked="PROHIBITED_CONTENT"), "PROHIBITED_CONTENT"),
]


@pytest.mark.parametrize(("wire", "events", "words"), REFUSALS)
def test_a_refusal_is_one_and_says_why(wire: Wire, events: list[Any], words: str) -> None:
    with ScriptedServer(lambda call: sse(events)) as server:
        reply = ask(server, wire)
    assert reply.finish is Finish.REFUSED
    assert reply.note is not None
    assert words in reply.note
    assert reply.cost_usd
    assert len(server.calls) == 1


@every_wire
def test_a_reply_at_the_cap_is_cut_short(wire: Wire) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("def solve(", wire.length))) as server:
        reply = ask(server, wire)
    assert reply.finish is Finish.LENGTH
    assert reply.text == "def solve("
    assert not reply.usable


@every_wire
def test_thinking_that_eats_the_cap_leaves_no_text_and_says_so(wire: Wire) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("", wire.length, thinking="hm hm", usage=THOUGHT))) as server:
        reply = ask(server, wire)
    assert reply.finish is Finish.LENGTH
    assert reply.text == ""
    assert reply.note == "all of the 500 output tokens went before any text"
    assert reply.usage.reasoning_tokens == 500
    assert reply.cost_usd


@every_wire
def test_thinking_alone_is_no_answer(wire: Wire) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("", thinking="hm hm"))) as server:
        assert ask(server, wire).finish is Finish.REASONING_ONLY


@every_wire
@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_at_all_is_no_answer(wire: Wire, text: str) -> None:
    with ScriptedServer(lambda call: sse(wire.reply(text, usage={**wires.USAGE, "reasoning": 0}))) as server:
        assert ask(server, wire).finish is Finish.EMPTY


@every_wire
def test_a_stream_that_just_ends_is_repeated_and_then_called_cut(wire: Wire) -> None:
    events = wire.reply("def solve(): return 42  # " + "x" * 700, None, usage=None)
    with ScriptedServer(lambda call: sse(events)) as server:
        reply = ask(server, wire)
    assert len(server.calls) == 3
    assert reply.finish is Finish.CUT
    assert reply.text.startswith("def solve()")
    assert reply.retries == 2
    # All three tries were served, so all three are paid for, at the size that can be seen.
    assert reply.usage.estimated
    assert reply.usage.output_tokens >= 200
    assert all(failed.cost_usd for failed in reply.failed_tries)
    alone = reply.cost_usd - sum(failed.cost_usd for failed in reply.failed_tries)
    assert alone > 0


RUBBISH = {
    "null": body("null"),
    "html": body("<html><body><h1>Bad gateway</h1></body></html>", "text/html"),
    "nothing": body(""),
    "half an object": body('{"choices": [{"mess'),
    "null event": sse(["data: null\n\n"]),
    "text event": sse(['data: "hello"\n\n']),
    "list event": sse(["data: [1, 2]\n\n"]),
    "broken event": sse(['data: {"choices": [{"delta\n\n']),
    "half a body": Answer((b"data: ",), content_type="text/event-stream", ending="half"),
    "reset": Answer(ending="reset"),
    "reset in the stream": Answer((b": hello\n\n",), content_type="text/event-stream", ending="reset"),
}


@every_wire
@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_is_repeated_until_sense_comes(wire: Wire, rubbish: Answer) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("Sense.")) if call.number else rubbish) as server:
        reply = ask(server, wire)
    assert reply.text == "Sense."
    assert reply.finish is Finish.STOP
    assert reply.retries == 1
    assert len(server.calls) == 2


@every_wire
@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_for_ever_is_an_error_and_not_an_answer(wire: Wire, rubbish: Answer) -> None:
    with ScriptedServer(lambda call: rubbish) as server:
        try:
            reply = ask(server, wire, max_tries=2)
        except ModelError as failure:
            assert not failure.permanent
            assert "after 2 tries" in str(failure)
        else:
            assert reply.finish is Finish.CUT
    assert len(server.calls) == 2


@every_wire
def test_objects_without_their_fields_are_never_an_answer(wire: Wire) -> None:
    hollow: list[Any] = [
        {},
        {"choices": None},
        {"choices": [None]},
        {"candidates": [{}]},
        {"type": "message_delta"},
    ]
    hollow += [
        {"type": "response.completed"},
        {"type": "message_start"},
        {"usage": None},
        {"choices": [{"delta": 3}]},
    ]
    for event in hollow:
        with ScriptedServer(lambda call, event=event: sse([event])) as server:  # type: ignore[misc]
            try:
                reply = ask(server, wire, max_tries=1)
            except ModelError as failure:
                assert not failure.permanent, event
                assert "TypeError" not in str(failure)
                assert "AttributeError" not in str(failure)
            else:
                assert not reply.usable, event


STREAM_ERRORS: list[tuple[Wire, list[Any]]] = [
    (CHAT, [*wires.chat("half", None), {"error": {"message": "The server had an error", "type": "server_error"}}]),
    (RESPONSES, [{"type": "error", "code": "server_error", "message": "The server had an error"}]),
    (
        RESPONSES,
        [
            {
                "type": "response.failed",
                "response": {
                    "status": "failed",
                    "error": {"code": "server_error", "message": "The server had an error"},
                },
            }
        ],
    ),
    (
        MESSAGES,
        [
            *wires.messages("half", None),
            {"type": "error", "error": {"type": "overloaded_error", "message": "The server had an error"}},
        ],
    ),
    (GEMINI, [{"error": {"code": 503, "message": "The server had an error", "status": "UNAVAILABLE"}}]),
]


@pytest.mark.parametrize(("wire", "events"), STREAM_ERRORS)
def test_an_error_inside_a_stream_is_repeated(wire: Wire, events: list[Any]) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("Sense.")) if call.number else sse(events)) as server:
        reply = ask(server, wire)
    assert reply.text == "Sense."
    (failed,) = reply.failed_tries
    assert "The server had an error" in failed.message


@every_wire
def test_a_trickled_reply_meets_the_wall_clock(wire: Wire) -> None:
    answer = sse(wire.reply("so slow", thinking="hm"), delay_s=0.3)
    with ScriptedServer(lambda call: answer) as server, pytest.raises(ModelError, match=r"within 0\.5 s") as caught:
        ask(server, wire, call_timeout_s=0.5, max_tries=2)
    assert not caught.value.permanent
    assert len(caught.value.failed_tries) == 2
    assert caught.value.cost_usd > 0


@every_wire
def test_silence_meets_the_idle_limit_before_the_wall_clock(wire: Wire) -> None:
    with ScriptedServer(lambda call: Answer(silence_s=30)) as server, pytest.raises(ModelError) as caught:
        ask(server, wire, idle_timeout_s=0.3, call_timeout_s=20, max_tries=1)
    assert "within 20" not in str(caught.value)
    assert not caught.value.permanent


PERMANENT = [400, 401, 402, 403, 404, 413, 422]


@every_wire
@pytest.mark.parametrize("status", PERMANENT)
def test_what_cannot_be_mended_fails_at_once_in_the_providers_words(wire: Wire, status: int) -> None:
    with (
        ScriptedServer(lambda call: error(status, "No such thing here.")) as server,
        pytest.raises(ModelError, match=f"HTTP {status}: No such thing here") as caught,
    ):
        ask(server, wire)
    assert caught.value.permanent
    assert len(server.calls) == 1
    assert caught.value.cost_usd == Decimal(0)


@pytest.mark.parametrize("wire", [CHAT, RESPONSES], ids=["chat", "responses"])
def test_no_money_left_is_not_a_rate_limit(wire: Wire) -> None:
    answer = error(429, "You exceeded your current quota", type="insufficient_quota", code="insufficient_quota")
    with ScriptedServer(lambda call: answer) as server, pytest.raises(ModelError, match="quota") as caught:
        ask(server, wire)
    assert caught.value.permanent
    assert len(server.calls) == 1


@every_wire
def test_a_key_that_the_provider_repeats_does_not_get_out(wire: Wire) -> None:
    def behave(call: Call) -> Answer:
        return error(401, f"Incorrect API key provided: {json.dumps(dict(call.headers))}")

    with ScriptedServer(behave) as server, pytest.raises(ModelError) as caught:
        ask(server, wire)
    assert "sk-very-secret" not in str(caught.value) + repr(caught.value.failed_tries)
    assert caught.value.__cause__ is None


@every_wire
def test_counts_that_contradict_each_other_are_priced_and_not_a_crash(wire: Wire) -> None:
    odd = {"input": 10, "cached": 800, "written": 0, "output": 5, "reasoning": 40}
    with ScriptedServer(lambda call: sse(wire.reply("x", usage=odd))) as server:
        reply = ask(server, wire)
    assert reply.usage.input_tokens >= 800
    assert reply.usage.output_tokens >= 40
    assert reply.cost_usd
