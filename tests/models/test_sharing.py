"""What calls share: the cache of replies, and the provider's patience."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from model_support import CHAT, CONTEXT, KEY, MESSAGES, REQUEST, Wire, ask, every_wire, options
from scripted_server import Answer, Call, ScriptedServer, error, sse

from heurigym.errors import InputError
from heurigym.models.gateway import Gateway, GatewayOptions
from heurigym.models.limiter import AdaptiveLimiter
from heurigym.models.protocol import Finish, Request


@every_wire
def test_a_reply_in_the_cache_is_not_paid_for_again(wire: Wire, tmp_path: Path) -> None:
    with ScriptedServer(lambda call: sse(wire.reply("Once."))) as server:
        first = ask(server, wire, cache=tmp_path)
        again = ask(server, wire, cache=tmp_path)
        assert len(server.calls) == 1
    assert not first.cached
    assert first.cost_usd
    assert again.cached
    assert again.cost_usd == 0
    assert (again.text, again.usage, again.sent) == (first.text, first.usage, first.sent)


CHANGES: list[dict[str, Any]] = [
    {"system": "other"},
    {"messages": ()},
    {"max_output_tokens": 501},
    {"temperature": 0.1},
    {"seed": 1},
]


@pytest.mark.parametrize("change", [*CHANGES, None], ids=str)
def test_any_change_of_the_request_is_a_new_call(change: dict[str, Any] | None, tmp_path: Path) -> None:
    request = REQUEST if change is None else Request.model_validate({**REQUEST.model_dump(), **change})
    with ScriptedServer(lambda call: sse(CHAT.reply("x"))) as server:
        ask(server, CHAT, cache=tmp_path)
        ask(server, CHAT, request, cache=tmp_path, effort=":high" if change is None else "")
        assert len(server.calls) == 2


def test_samples_and_attempts_are_drawn_apart(tmp_path: Path) -> None:
    async def main() -> None:
        gateway = Gateway([CHAT.model], options(server, CHAT, cache=tmp_path))
        for update in ({}, {"sample": 1}, {"attempt": 1}, {"sample": 1}):
            await gateway.complete(CHAT.model, REQUEST, CONTEXT.model_copy(update=update))

    with ScriptedServer(lambda call: sse(CHAT.reply("x"))) as server:
        asyncio.run(main())
        assert len(server.calls) == 3


def test_a_damaged_entry_is_paid_for_again_and_mended(tmp_path: Path) -> None:
    with ScriptedServer(lambda call: sse(CHAT.reply("x"))) as server:
        ask(server, CHAT, cache=tmp_path)
        (entry,) = tmp_path.rglob("*.json")
        entry.write_text(entry.read_text()[:40])
        ask(server, CHAT, cache=tmp_path)
        assert len(server.calls) == 2
        assert ask(server, CHAT, cache=tmp_path).cached
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [entry.name]


def test_an_accident_is_not_kept_but_a_refusal_is(tmp_path: Path) -> None:
    answers = [sse(CHAT.reply("half", None)), sse(CHAT.reply("", "content_filter"))]
    with ScriptedServer(lambda call: answers[min(call.number, 1)]) as server:
        assert ask(server, CHAT, cache=tmp_path, max_tries=1).finish is Finish.CUT
        assert ask(server, CHAT, cache=tmp_path).finish is Finish.REFUSED
        assert ask(server, CHAT, cache=tmp_path).cached
        assert len(server.calls) == 2


def test_keys_are_not_in_the_cache(tmp_path: Path) -> None:
    with ScriptedServer(lambda call: sse(CHAT.reply("x"))) as server:
        ask(server, CHAT, cache=tmp_path)
    assert all(KEY not in path.read_text() for path in tmp_path.rglob("*.json"))


def test_a_cache_must_be_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InputError, match="cannot be made a folder"):
        Gateway(["scripted/ladder"], GatewayOptions(cache=file))


def test_a_burst_of_complaints_counts_once_and_success_wins_back_slowly() -> None:
    limiter = AdaptiveLimiter(10, 20, decrease=0.5, cooldown_s=60)
    for _ in range(10):
        limiter.complained()
    assert limiter.limit == 5
    limiter.under_way = 5
    for _ in range(5):
        limiter.succeeded()
    assert 5.5 < limiter.limit <= 6
    for _ in range(1000):
        limiter.under_way = int(limiter.limit)
        limiter.succeeded()
    assert limiter.limit == 20


def test_an_idle_provider_earns_no_places_and_the_last_one_is_never_lost() -> None:
    limiter = AdaptiveLimiter(4, 20, cooldown_s=0)
    limiter.succeeded()
    assert limiter.limit == 4
    for _ in range(50):
        limiter.complained()
    assert limiter.limit == 1


def test_a_provider_gets_no_more_calls_than_it_bears() -> None:
    async def main() -> None:
        gateway = Gateway([CHAT.model], options(server, CHAT, concurrency=3, max_concurrency=3))
        await asyncio.gather(*(gateway.complete(CHAT.model, REQUEST, CONTEXT) for _ in range(9)))

    with ScriptedServer(lambda call: sse(CHAT.reply("x"), silence_s=0.1)) as server:
        asyncio.run(main())
        assert server.most_at_once == 3
        assert len(server.calls) == 9


def test_complaints_thin_out_the_calls_and_all_come_through() -> None:
    window: list[float] = []

    def behave(call: Call) -> Answer:
        now = time.monotonic()
        window[:] = [one for one in window if now - one < 0.2]
        if len(window) >= 4:
            return error(429, "slow down", retry_after=0.2)
        window.append(now)
        return sse(CHAT.reply("x"))

    async def main() -> list[Any]:
        gateway = Gateway([CHAT.model], options(server, CHAT, concurrency=8, max_tries=8))
        calls = (gateway.complete(CHAT.model, REQUEST, CONTEXT) for _ in range(16))
        return await asyncio.gather(*calls)

    with ScriptedServer(behave) as server:
        replies = asyncio.run(main())
        assert len(server.calls) == 16 + sum(reply.retries for reply in replies)
    assert all(reply.usable for reply in replies)
    assert any(reply.retries for reply in replies)


def test_providers_do_not_wait_for_each_other() -> None:
    async def main() -> None:
        urls = {CHAT.provider: server.url + "/v1", MESSAGES.provider: server.url}
        gateway = Gateway(
            [CHAT.model, MESSAGES.model], GatewayOptions(base_urls=urls, concurrency=1, max_concurrency=1)
        )
        stuck = asyncio.create_task(gateway.complete(CHAT.model, REQUEST, CONTEXT))
        assert (await gateway.complete(MESSAGES.model, REQUEST, CONTEXT)).usable
        assert not stuck.done()
        stuck.cancel()

    def behave(call: Call) -> Answer:
        return Answer(silence_s=600) if "chat" in call.path else sse(MESSAGES.reply("x"))

    with ScriptedServer(behave) as server:
        asyncio.run(main())


def test_the_same_name_at_another_address_is_another_model(tmp_path: Path) -> None:
    with (
        ScriptedServer(lambda call: sse(CHAT.reply("one"))) as one,
        ScriptedServer(lambda call: sse(CHAT.reply("other"))) as other,
    ):
        assert [ask(server, CHAT, cache=tmp_path).text for server in (one, other, one)] == ["one", "other", "one"]
        assert len(one.calls) == len(other.calls) == 1
