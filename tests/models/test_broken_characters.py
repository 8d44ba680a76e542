"""Halves of characters, which JSON can hold and streams can break: no store, cache or wire takes them."""

from pathlib import Path

from model_support import Wire, ask, every_wire
from scripted_server import ScriptedServer, sse


@every_wire
def test_a_pair_that_the_stream_broke_is_joined_and_a_single_half_replaced(wire: Wire, tmp_path: Path) -> None:
    events = wire.reply("\ud83d\ude00", calls=(("c1", "t\ud83d", {"x": ["\ud83d", "\ude00 fine"]}),))
    with ScriptedServer(lambda call: sse(events)) as server:
        reply = ask(server, wire, cache=tmp_path)
        assert ask(server, wire, cache=tmp_path).tool_calls == reply.tool_calls
    assert reply.text == "\N{GRINNING FACE}"
    (call,) = reply.tool_calls
    assert call.name == "t\N{REPLACEMENT CHARACTER}"
    assert call.arguments == {"x": ["\N{REPLACEMENT CHARACTER}", "\N{REPLACEMENT CHARACTER} fine"]}
    assert type(reply).model_validate_json(reply.model_dump_json()) == reply


@every_wire
def test_a_reply_that_is_cut_within_a_pair_is_still_recorded(wire: Wire) -> None:
    events = wire.reply("half \ud83d")
    with ScriptedServer(lambda call: sse(events)) as server:
        assert ask(server, wire).text == "half \N{REPLACEMENT CHARACTER}"
