"""Names, addresses and keys: what they mean, and what is refused."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import wires
from model_support import CHAT, KEY, WIRES, ask
from scripted_server import ScriptedServer, sse

from heurigym.errors import InputError
from heurigym.models.gateway import Gateway, GatewayOptions
from heurigym.models.names import parse_name
from heurigym.models.registry import open_model


@pytest.mark.parametrize(
    ("name", "provider", "model", "effort"),
    [
        ("openai/gpt-5.4", "openai", "gpt-5.4", None),
        ("openai/gpt-5.4:high", "openai", "gpt-5.4", "high"),
        ("ollama/llama3:8b", "ollama", "llama3:8b", None),
        ("ollama/gpt-oss:20b:low", "ollama", "gpt-oss:20b", "low"),
        ("openrouter/meta/llama-4:free", "openrouter", "meta/llama-4:free", None),
        ("replay/runs/a:high", "replay", "runs/a:high", None),
        ("openai-compatible/:high", "openai-compatible", ":high", None),
    ],
)
def test_only_a_known_effort_is_cut_off(name: str, provider: str, model: str, effort: str | None) -> None:
    parsed = parse_name(name)
    assert (parsed.provider, parsed.model, parsed.effort) == (provider, model, effort)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("anthropic/claude-sonnet-5-5:minimal", "takes no effort 'minimal'; it takes none, low"),
        ("google/gemini-2.5-pro:max", "takes no effort 'max'"),
        ("openai-compatible/m", "give base_urls in the campaign file or set OPENAI_COMPATIBLE_BASE_URL"),
    ],
)
def test_what_cannot_be_reached_is_refused_in_one_line(
    name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_COMPATIBLE_BASE_URL", raising=False)
    with pytest.raises(InputError, match=words) as caught:
        Gateway([name], GatewayOptions())
    assert "\n" not in str(caught.value)


def test_an_address_must_be_one_and_its_password_stays_out_of_sight() -> None:
    with pytest.raises(InputError, match="must start with http") as caught:
        Gateway(["vllm/m"], GatewayOptions(base_urls={"vllm": "me:pass@host:8000/v1"}))
    assert "pass" not in str(caught.value)
    urls = {"vllm": "http://me:pass@127.0.0.1:8000/v1?token=pass"}
    described = Gateway(["vllm/m"], GatewayOptions(base_urls=urls)).describe()
    assert described["models"]["vllm/m"]["base_url"] == "http://127.0.0.1:8000/v1"


def test_the_manifest_holds_everything_but_keys() -> None:
    names = [wire.model for wire in WIRES]
    text = json.dumps(Gateway(names, GatewayOptions()).describe())
    assert KEY not in text
    for word in ("openai-responses", "genai-prices", "anthropic", "google-genai"):
        assert word in text
    assert KEY not in repr(open_model("openai/gpt-5.4").__dict__["_endpoint"])


def test_addresses_come_from_the_model_then_the_provider_then_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "openai-compatible/m"
    monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", "http://127.0.0.1:1/v1")

    def url(**base_urls: str) -> str:
        gateway = Gateway([name], GatewayOptions(base_urls=base_urls))
        return str(gateway.describe()["models"][name]["base_url"])

    assert url() == "http://127.0.0.1:1/v1"
    assert url(**{"openai-compatible": "http://127.0.0.1:2/v1"}) == "http://127.0.0.1:2/v1"
    both = {"openai-compatible": "http://127.0.0.1:2/v1", name: "http://127.0.0.1:3/v1"}
    assert url(**both) == "http://127.0.0.1:3/v1"


@pytest.mark.parametrize("name", ["ollama/llama3:8b", "vllm/org/model", "llamacpp/m", "openai-compatible/m"])
def test_compatible_servers_get_the_plain_wire(name: str) -> None:
    wire = replace(CHAT, model=name)
    with ScriptedServer(lambda call: sse(wires.chat("x"))) as server:
        reply = ask(server, wire)
    (call,) = server.calls
    assert call.path == "/v1/chat/completions"
    assert call.body["model"] == name.partition("/")[2]
    assert call.body["max_tokens"] == 500
    assert call.body.keys() == {"model", "messages", "max_tokens", "stream", "stream_options"}
    assert reply.cost_usd == 0


def test_a_model_that_runs_elsewhere_is_not_opened_by_a_script() -> None:
    code = (
        "import sys\n"
        "from heurigym.models.gateway import Gateway, GatewayOptions\n"
        "Gateway(['scripted/ladder'], GatewayOptions())\n"
        "heavy = {'openai', 'anthropic', 'google.genai', 'genai_prices', 'xllamacpp'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("openai/gpt-5.4", "openai", "openai"),
        ("vllm/m", "openai", "openai"),
        ("anthropic/claude-sonnet-5-5", "anthropic", "anthropic"),
        ("google/gemini-2.5-pro", "google.genai", "google"),
    ],
)
def test_a_missing_sdk_names_the_extra(name: str, package: str, extra: str) -> None:
    code = (
        "import sys\n"
        f"sys.modules[{package!r}] = None\n"
        "from heurigym.errors import InputError\n"
        "from heurigym.models.gateway import Gateway, GatewayOptions\n"
        "try:\n"
        f"    Gateway([{name!r}], GatewayOptions())\n"
        "except InputError as error:\n"
        "    print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert f"pip install 'heurigym[{extra}]'" in said
    assert said.count("\n") == 1
