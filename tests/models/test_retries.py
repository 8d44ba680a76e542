"""One retry policy over every wire: judged by what reaches the server, and by an independent judge of clients."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from model_support import CHAT, CONTEXT, GEMINI, REQUEST, Wire, ask, every_wire
from scripted_server import Answer, Call, ScriptedServer, error, sse
from test_wires import TOOL

from heurigym.models.gateway import Gateway, GatewayOptions
from heurigym.models.protocol import Finish, ModelError, Reply


class Clocked:
    """Answers with these answers in turn, the last one for ever, and remembers when it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = answers
        self.times: list[float] = []

    def __call__(self, call: Call) -> Answer:
        self.times.append(time.monotonic())
        return self._answers[min(call.number, len(self._answers) - 1)]


@every_wire
@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(wire: Wire, status: int) -> None:
    with ScriptedServer(Clocked(error(status, "busy"), sse(wire.reply("Yes.")))) as server:
        reply = ask(server, wire)
    assert reply.text == "Yes."
    assert [failed.status for failed in reply.failed_tries] == [status]
    assert len(server.calls) == 2
    assert server.calls[0].body == server.calls[1].body


@every_wire
@pytest.mark.parametrize("status", [429, 529])
def test_retry_after_is_waited_for(wire: Wire, status: int) -> None:
    behave = Clocked(error(status, "busy", retry_after=0.5), sse(wire.reply("Yes.")))
    with ScriptedServer(behave) as server:
        ask(server, wire)
    assert behave.times[1] - behave.times[0] >= 0.5


@every_wire
def test_retry_after_may_be_a_date(wire: Wire) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    behave = Clocked(error(429, "busy", retry_after=date), sse(wire.reply("Yes.")))
    with ScriptedServer(behave) as server:
        ask(server, wire)
    assert behave.times[1] - behave.times[0] >= 0.5


def test_gemini_says_in_the_body_how_long_to_wait() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.5s"}
    behave = Clocked(error(429, "busy", status="RESOURCE_EXHAUSTED", details=[info]), sse(GEMINI.reply("Yes.")))
    with ScriptedServer(behave) as server:
        ask(server, GEMINI)
    assert behave.times[1] - behave.times[0] >= 0.5


@every_wire
@pytest.mark.parametrize("wait", ["86400", "nonsense", "-5", "inf"])
def test_an_absurd_retry_after_does_not_stop_the_campaign(wire: Wire, wait: str) -> None:
    with ScriptedServer(Clocked(error(429, "busy", retry_after=wait), sse(wire.reply("Yes.")))) as server:
        assert ask(server, wire, max_retry_after_s=0.1).text == "Yes."


@every_wire
def test_tries_are_counted_and_end(wire: Wire) -> None:
    with (
        ScriptedServer(lambda call: error(500, "still broken")) as server,
        pytest.raises(ModelError, match=r"HTTP 500: still broken \(after 3 tries\)") as caught,
    ):
        ask(server, wire)
    assert len(server.calls) == 3
    assert len(caught.value.failed_tries) == 3
    assert not caught.value.permanent


def test_waits_grow() -> None:
    behave = Clocked(error(500))
    with ScriptedServer(behave) as server, pytest.raises(ModelError):
        ask(server, CHAT, backoff_s=0.1, max_tries=4)
    gaps = [later - earlier for earlier, later in zip(behave.times, behave.times[1:], strict=False)]
    assert all(gap >= least for gap, least in zip(gaps, (0.1, 0.2, 0.4), strict=True))


@every_wire
def test_a_server_that_is_not_there_is_tried_again_and_named(wire: Wire) -> None:
    with ScriptedServer(lambda call: error(500)) as server:
        pass
    with pytest.raises(ModelError, match="after 3 tries") as caught:
        ask(server, wire)
    assert not caught.value.permanent
    assert "\n" not in str(caught.value)


# llmock is a server of other people's that watches how a client takes its faults.

JUDGED = [
    ("openai-chat/gpt-5.4", "openai", ""),
    ("openai/gpt-5.4", "openai", ""),
    ("anthropic/claude-sonnet-5-5", "anthropic", ""),
    ("google/gemini-2.5-pro", "gemini", "/v1beta"),
]
judged = pytest.mark.parametrize(("name", "provider", "suffix"), JUDGED, ids=[name for name, _, _ in JUDGED])


def call(llmock: Any, name: str, provider: str, suffix: str, **changes: Any) -> Reply:
    urls = {name: llmock.base_url(provider) + suffix}

    async def main() -> Reply:
        gateway = Gateway([name], GatewayOptions(base_urls=urls, backoff_s=0.1, **changes))
        try:
            return await gateway.complete(name, REQUEST, CONTEXT)
        finally:
            await gateway.close()

    return asyncio.run(main())


@judged
def test_the_judge_finds_no_fault_with_plain_calls(llmock: Any, name: str, provider: str, suffix: str) -> None:
    llmock.reply("An answer.")
    reply = call(llmock, name, provider, suffix)
    assert reply.text == "An answer."
    assert reply.finish is Finish.STOP
    assert reply.usage.input_tokens > 0
    llmock.assert_resilient(strict=True)


@judged
def test_the_judge_finds_no_fault_with_rate_limits_and_outages(
    llmock: Any, name: str, provider: str, suffix: str
) -> None:
    llmock.rate_limit(times=2, retry_after=0.4).fail(529, times=1).fail(500, times=1).reply("At last.")
    reply = call(llmock, name, provider, suffix)
    assert reply.text == "At last."
    assert reply.retries == 4
    assert llmock.verdict().faults == 4
    llmock.assert_resilient(strict=True)


@judged
@pytest.mark.parametrize("fault", ["truncate", "disconnect", "corrupt"])
def test_the_judge_finds_no_fault_with_broken_streams(
    llmock: Any, name: str, provider: str, suffix: str, fault: str
) -> None:
    llmock.pace(20)  # so that the judge sees whether the client stops reading
    getattr(llmock, fault)(after_chunks=2, times=1)
    reply = call(llmock, name, provider, suffix)
    assert reply.finish is Finish.STOP
    assert reply.retries == 1
    assert llmock.verdict().faults == 1
    llmock.assert_resilient(strict=True)


@judged
def test_the_judge_finds_no_fault_with_a_stall(llmock: Any, name: str, provider: str, suffix: str) -> None:
    llmock.stall(after_chunks=1, seconds=20.0, times=1)
    assert call(llmock, name, provider, suffix, idle_timeout_s=0.5).retries == 1
    llmock.assert_resilient(strict=True)


@judged
def test_the_judge_finds_no_fault_with_giving_up(llmock: Any, name: str, provider: str, suffix: str) -> None:
    llmock.outage(status=503)
    with pytest.raises(ModelError):
        call(llmock, name, provider, suffix, max_tries=3)
    llmock.reset()
    llmock.fail(401, times=None)
    with pytest.raises(ModelError) as caught:
        call(llmock, name, provider, suffix)
    assert caught.value.permanent
    assert llmock.verdict().attempts == 1
    llmock.assert_resilient(strict=True)


@judged
def test_a_tool_is_called_at_the_judge_too(llmock: Any, name: str, provider: str, suffix: str) -> None:
    llmock.call_tool("judge", {"program": "x"})
    urls = {name: llmock.base_url(provider) + suffix}

    async def main() -> Reply:
        gateway = Gateway([name], GatewayOptions(base_urls=urls))
        return await gateway.complete(name, REQUEST.model_copy(update={"tools": (TOOL,)}), CONTEXT)

    reply = asyncio.run(main())
    assert reply.finish is Finish.TOOL_CALLS
    assert [(one.name, one.arguments) for one in reply.tool_calls] == [("judge", {"program": "x"})]
