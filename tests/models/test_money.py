"""Nothing is spent that is not there, and nothing that was spent is forgotten."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import wires
from model_support import CHAT, CONTEXT, KEY_VARIABLES, MESSAGES, REQUEST, Wire, ask, every_wire, options
from scripted_server import Answer, Call, ScriptedServer, error, sse

from heurigym.errors import InputError
from heurigym.models.budget import Wallet
from heurigym.models.gateway import Gateway, GatewayOptions, PriceOverride
from heurigym.models.pricing import Given, worst_cost
from heurigym.models.protocol import BudgetExceeded, Message, ModelError, Request, Usage
from heurigym.models.tokens import at_most

DOLLAR_A_TOKEN = PriceOverride(input=Decimal(0), output=Decimal(1_000_000))


def priced(server: ScriptedServer, price: PriceOverride = DOLLAR_A_TOKEN, **changes: Any) -> GatewayOptions:
    """Chat calls at a dollar for each token that comes out."""
    return options(server, CHAT, prices={CHAT.model: price}, **changes)


def spends(tokens: int) -> Answer:
    return sse(CHAT.reply("x", usage={**wires.USAGE, "output": tokens, "reasoning": 0}))


def test_a_given_price_counts_each_kind_of_token_at_its_own() -> None:
    price = Given(PriceOverride(input=Decimal(10), output=Decimal(100), cached=Decimal(1), cache_write=Decimal(20)))
    usage = Usage(
        input_tokens=1000, cached_tokens=700, cache_write_tokens=100, output_tokens=50, reasoning_tokens=30
    )
    assert price.cost(usage) == Decimal("0.0097")  # 200 x 10 + 700 x 1 + 100 x 20 + 50 x 100, a million-th of it
    assert worst_cost(price, 1000, 50) == Decimal("0.025")


def test_cached_tokens_save_money_and_show_it() -> None:
    with ScriptedServer(lambda call: sse(CHAT.reply("x"))) as server:
        warm = ask(server, CHAT)
    with ScriptedServer(lambda call: sse(CHAT.reply("x", usage={**wires.USAGE, "cached": 0}))) as server:
        cold = ask(server, CHAT)
    assert warm.usage.cached_tokens == 800
    assert warm.cost_usd is not None
    assert cold.cost_usd is not None
    assert warm.cost_usd < cold.cost_usd


def test_a_call_whose_worst_case_does_not_fit_is_not_made() -> None:
    with ScriptedServer(lambda call: spends(1)) as server:
        with pytest.raises(
            BudgetExceeded, match=r"may cost \$500\.0000, but of the campaign's \$499\.99"
        ) as caught:
            ask(server, CHAT, prices={CHAT.model: DOLLAR_A_TOKEN}, max_cost_usd=Decimal("499.99"))
        assert caught.value.permanent
        assert server.calls == []
        with pytest.raises(BudgetExceeded, match="the cell's"):
            ask(server, CHAT, prices={CHAT.model: DOLLAR_A_TOKEN}, wallet=Wallet(Decimal(499)))
        assert server.calls == []
        ask(
            server,
            CHAT,
            prices={CHAT.model: DOLLAR_A_TOKEN},
            max_cost_usd=Decimal(500),
            wallet=Wallet(Decimal(500)),
        )
        assert len(server.calls) == 1


def test_a_request_without_a_cap_reserves_for_a_long_answer() -> None:
    with ScriptedServer(lambda call: spends(1)) as server, pytest.raises(BudgetExceeded, match=r"\$32768"):
        ask(
            server,
            CHAT,
            REQUEST.model_copy(update={"max_output_tokens": None}),
            prices={CHAT.model: DOLLAR_A_TOKEN},
            max_cost_usd=Decimal(32767),
        )


def test_settling_gives_back_what_was_not_used_and_calls_wait_for_it() -> None:
    async def main() -> tuple[Gateway, list[Any]]:
        gateway = Gateway([CHAT.model], priced(server, max_cost_usd=Decimal(1000)))
        calls = (gateway.complete(CHAT.model, REQUEST, CONTEXT) for _ in range(8))
        return gateway, await asyncio.gather(*calls, return_exceptions=True)

    with ScriptedServer(lambda call: replace(spends(60), silence_s=0.05)) as server:
        gateway, replies = asyncio.run(main())
        assert server.most_at_once == 2  # 500 each under a cap of 1,000
    assert [reply.cost_usd for reply in replies] == [Decimal(60)] * 8
    assert gateway.spent_usd == 480


def test_the_cap_holds_against_many_calls_at_once() -> None:
    async def main() -> tuple[Gateway, list[Any]]:
        gateway = Gateway([CHAT.model], priced(server, max_cost_usd=Decimal(2000)))
        calls = (gateway.complete(CHAT.model, REQUEST, CONTEXT) for _ in range(20))
        return gateway, await asyncio.gather(*calls, return_exceptions=True)

    with ScriptedServer(lambda call: spends(300)) as server:
        gateway, replies = asyncio.run(main())
    refused = [reply for reply in replies if isinstance(reply, BudgetExceeded)]
    assert gateway.spent_usd == 1800  # a seventh call could reach 2,300
    assert len(server.calls) == 6
    assert len(refused) == 14


def test_a_resumed_campaign_goes_on_where_its_money_stood() -> None:
    async def main() -> None:
        gateway = Gateway([CHAT.model], priced(server, max_cost_usd=Decimal(1000)))
        gateway.charge(Decimal(501))
        with pytest.raises(BudgetExceeded, match=r"spent \$501"):
            await gateway.complete(CHAT.model, REQUEST, CONTEXT)

    with ScriptedServer(lambda call: spends(1)) as server:
        asyncio.run(main())


@every_wire
def test_replies_that_are_no_use_cost_what_they_cost(wire: Wire) -> None:
    wallet = Wallet(Decimal(10))
    with ScriptedServer(lambda call: sse(wire.reply("", wire.length, usage=wires.USAGE))) as server:
        reply = ask(server, wire, wallet=wallet)
    assert not reply.usable
    assert wallet.spent_usd == reply.cost_usd > 0


def test_failed_tries_whose_tokens_are_known_are_paid_for() -> None:
    broken = sse([*CHAT.reply("x", None), "data: {broken\n\n"])
    wallet = Wallet(Decimal(10_000))
    with ScriptedServer(lambda call: spends(7) if call.number else broken) as server:
        reply = ask(server, CHAT, wallet=wallet, prices={CHAT.model: DOLLAR_A_TOKEN})
    (failed,) = reply.failed_tries
    assert failed.usage is not None
    assert failed.usage.output_tokens == 60
    assert failed.cost_usd == 60
    assert reply.cost_usd == wallet.spent_usd == 67


def test_a_call_that_fails_for_good_hands_back_its_cost() -> None:
    broken = sse([*MESSAGES.reply("x" * 700, None), {"type": "error", "error": {"type": "api_error"}}])
    wallet = Wallet(Decimal(10))
    with ScriptedServer(lambda call: broken) as server, pytest.raises(ModelError) as caught:
        ask(server, MESSAGES, wallet=wallet)
    assert len(caught.value.failed_tries) == 3
    assert caught.value.cost_usd == wallet.spent_usd > 0
    assert all(failed.usage and failed.usage.output_tokens >= 200 for failed in caught.value.failed_tries)


def test_the_budget_can_run_out_between_tries() -> None:
    broken = sse([*CHAT.reply("x", None), "data: {broken\n\n"])
    with ScriptedServer(lambda call: broken) as server, pytest.raises(BudgetExceeded) as caught:
        ask(server, CHAT, prices={CHAT.model: DOLLAR_A_TOKEN}, max_cost_usd=Decimal(555))
    assert len(server.calls) == 1
    assert caught.value.cost_usd == 60


def test_numbers_are_reserved_for_as_what_they_cost() -> None:
    # Tokenisers make about one token of every number and one of every separator here.
    text = ", ".join(str(number) for number in range(1000))
    assert at_most(Request(system="", messages=(Message(role="user", content=text),))) >= 2000


def test_an_unknown_price_is_refused_before_anything_is_spent() -> None:
    with pytest.raises(
        InputError, match=r"openai/gpt-0-nobody.*no known price.*prices:.*--allow-unpriced"
    ) as caught:
        Gateway(["openai/gpt-0-nobody"], GatewayOptions())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["openai/gpt-0-nobody:high", "qwen/qwen-x", "openai-compatible/mine"])
def test_a_price_may_be_given_or_forgone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "k")
    urls = {"openai-compatible": "http://models.example/v1"}
    with pytest.raises(InputError, match="no known price"):
        Gateway([name], GatewayOptions(base_urls=urls))
    forgone = Gateway([name], GatewayOptions(base_urls=urls, allow_unpriced=True))
    assert not forgone.is_free(name)
    assert forgone.estimate(name, 1, 1) is None
    key = name.removesuffix(":high")
    price = PriceOverride(input=Decimal(2), output=Decimal(8))
    given = Gateway([name], GatewayOptions(base_urls=urls, prices={key: price}))
    assert given.estimate(name, 1_000_000, 1_000_000) == 10
    nothing = PriceOverride(input=Decimal(0), output=Decimal(0))
    assert Gateway([name], GatewayOptions(base_urls=urls, prices={name: nothing})).is_free(name)


def test_an_unpriced_call_says_that_its_cost_is_unknown() -> None:
    wire = replace(CHAT, model="openai-chat/gpt-0-nobody")
    with ScriptedServer(lambda call: sse(wire.reply("x"))) as server:
        reply = ask(server, wire, allow_unpriced=True, max_cost_usd=Decimal(1))
    assert reply.cost_usd is None
    assert reply.price_source is None
    assert reply.usage.output_tokens == 60


@pytest.mark.parametrize("name", ["vllm/m", "ollama/llama3:8b", "llamacpp/m", "openai-compatible/m"])
def test_a_server_on_this_machine_is_free_and_one_elsewhere_is_not(name: str) -> None:
    provider = name.partition("/")[0]
    for url in ("http://127.0.0.1:9/v1", "http://localhost:9/v1", "http://[::1]:9/v1"):
        assert Gateway([name], GatewayOptions(base_urls={provider: url})).is_free(name)
    with pytest.raises(InputError, match="no known price"):
        Gateway([name], GatewayOptions(base_urls={provider: "http://10.0.0.7:9/v1"}))


def test_an_estimate_is_the_price_of_so_many_tokens() -> None:
    gateway = Gateway(["openai/gpt-5.4"], GatewayOptions())
    assert gateway.estimate("openai/gpt-5.4", 1000, 100) == Decimal("0.004")
    assert not gateway.is_free("openai/gpt-5.4")


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("openai/gpt-5.4", "OPENAI_API_KEY"),
        ("openai-chat/gpt-5.4", "OPENAI_API_KEY"),
        ("anthropic/claude-sonnet-5-5", "ANTHROPIC_API_KEY"),
        ("google/gemini-2.5-pro", "GEMINI_API_KEY or GOOGLE_API_KEY"),
        ("openrouter/anthropic/claude-sonnet-4.5", "OPENROUTER_API_KEY"),
        ("deepseek/deepseek-chat", "DEEPSEEK_API_KEY"),
        ("qwen/qwen3-max", "DASHSCOPE_API_KEY"),
    ],
)
def test_a_missing_key_is_named_before_anything_is_spent(
    name: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in (*KEY_VARIABLES, "GOOGLE_API_KEY", "OPENROUTER_API_KEY", "DEEPSEEK_API_KEY", "DASHSCOPE_API_KEY"):
        monkeypatch.delenv(one, raising=False)
    with pytest.raises(InputError, match=f"set the environment variable {variable}$") as caught:
        Gateway(["scripted/ladder", name], GatewayOptions())
    assert "\n" not in str(caught.value)


def test_one_missing_price_of_many_stops_everything_at_the_start() -> None:
    def behave(call: Call) -> Answer:
        return error(500)

    with ScriptedServer(behave) as server:
        with pytest.raises(InputError):
            Gateway([CHAT.model, "openai-chat/gpt-0-nobody"], options(server, CHAT))
        assert server.calls == []
