"""The providers that are known by name: how each is reached, keyed and priced."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from heurigym.errors import InputError
from heurigym.models.names import EFFORTS, ModelName

Wire = Literal["openai-responses", "openai-chat", "anthropic", "google"]


@dataclass(frozen=True)
class Provider:
    """One provider, or one kind of server.

    Attributes:
        wire: the protocol it speaks.
        extra: the installation extra that brings its SDK.
        keys: environment variables that may hold its key, the first one found wins.
        key_required: whether it is of no use without a key.
        base_url: its address; unset leaves it to the SDK.
        base_url_variable: environment variable that may hold its address.
        price_list: its name in the price list; unset where the list does not have it.
        cap_field: what the chat wire calls the cap on output tokens.
        efforts: the efforts that it can be asked for.
        takes_cache_key: whether it takes ``prompt_cache_key``.
    """

    wire: Wire
    extra: str
    keys: tuple[str, ...]
    key_required: bool = True
    base_url: str | None = None
    base_url_variable: str | None = None
    price_list: str | None = None
    cap_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    efforts: tuple[str, ...] = EFFORTS
    takes_cache_key: bool = False


PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider(
        "openai-responses",
        "openai",
        ("OPENAI_API_KEY",),
        base_url_variable="OPENAI_BASE_URL",
        price_list="openai",
        takes_cache_key=True,
    ),
    "openai-chat": Provider(
        "openai-chat",
        "openai",
        ("OPENAI_API_KEY",),
        base_url_variable="OPENAI_BASE_URL",
        price_list="openai",
        cap_field="max_completion_tokens",
        takes_cache_key=True,
    ),
    "anthropic": Provider(
        "anthropic",
        "anthropic",
        ("ANTHROPIC_API_KEY",),
        base_url_variable="ANTHROPIC_BASE_URL",
        price_list="anthropic",
        efforts=("none", "low", "medium", "high", "xhigh", "max"),
    ),
    "google": Provider(
        "google",
        "google",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        base_url_variable="GOOGLE_GEMINI_BASE_URL",
        price_list="google",
        efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
    ),
    "openrouter": Provider(
        "openai-chat",
        "openai",
        ("OPENROUTER_API_KEY",),
        base_url="https://openrouter.ai/api/v1",
        price_list="openrouter",
    ),
    "deepseek": Provider(
        "openai-chat",
        "openai",
        ("DEEPSEEK_API_KEY",),
        base_url="https://api.deepseek.com/v1",
        price_list="deepseek",
    ),
    "qwen": Provider(
        "openai-chat",
        "openai",
        ("DASHSCOPE_API_KEY",),
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    ),
    "vllm": Provider(
        "openai-chat",
        "openai",
        ("VLLM_API_KEY",),
        key_required=False,
        base_url="http://127.0.0.1:8000/v1",
        base_url_variable="VLLM_BASE_URL",
    ),
    "ollama": Provider(
        "openai-chat",
        "openai",
        ("OLLAMA_API_KEY",),
        key_required=False,
        base_url="http://127.0.0.1:11434/v1",
        base_url_variable="OLLAMA_BASE_URL",
    ),
    "llamacpp": Provider(
        "openai-chat",
        "openai",
        ("LLAMACPP_API_KEY",),
        key_required=False,
        base_url="http://127.0.0.1:8080/v1",
        base_url_variable="LLAMACPP_BASE_URL",
    ),
    "openai-compatible": Provider(
        "openai-chat",
        "openai",
        ("OPENAI_COMPATIBLE_API_KEY",),
        key_required=False,
        base_url_variable="OPENAI_COMPATIBLE_BASE_URL",
    ),
}


@dataclass(frozen=True)
class Endpoint:
    """Where a model is reached, and with which key.

    Attributes:
        provider: the provider's entry.
        base_url: its address; unset leaves it to the SDK.
        key: the key, which appears in no representation.
    """

    provider: Provider
    base_url: str | None
    key: "Secret"

    @property
    def on_this_machine(self) -> bool:
        """Whether the server runs on this very machine, where nobody sends a bill."""
        host = urlsplit(self.base_url or "").hostname
        if host is None:
            return False
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


class Secret:
    """A key that shows itself only when asked to."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def reveal(self) -> str | None:
        """The key itself."""
        return self._value

    def hide_in(self, text: str) -> str:
        """The same text without the key."""
        return text.replace(self._value, "***") if self._value else text

    def __repr__(self) -> str:
        return "Secret(***)" if self._value else "Secret(none)"


def endpoint_of(name: ModelName, base_urls: Mapping[str, str]) -> Endpoint:
    """Where the model is reached.

    The address comes from ``base_urls`` (by the model's name, with or without effort, or by its provider), else
    from the environment, else from the provider's entry.

    Raises:
        InputError: key or address is missing, or the provider cannot be asked for this effort.
    """
    provider = PROVIDERS[name.provider]
    if name.effort is not None and name.effort not in provider.efforts:
        known = ", ".join(provider.efforts)
        raise InputError(f"model {name.full!r}: {name.provider} takes no effort {name.effort!r}; it takes {known}")
    given = [base_urls[key] for key in (name.full, name.without_effort, name.provider) if key in base_urls]
    variable = provider.base_url_variable
    base_url = next(iter(given), None) or (os.environ.get(variable) if variable else None) or provider.base_url
    if base_url is None and name.provider == "openai-compatible":
        raise InputError(
            f"model {name.full!r} has no address: give base_urls in the campaign file or set {variable}"
        )
    if base_url is not None and urlsplit(base_url).scheme not in ("http", "https"):
        raise InputError(f"model {name.full!r}: its base URL must start with http:// or https://")
    key = next((os.environ[variable] for variable in provider.keys if os.environ.get(variable)), None)
    if key is None and provider.key_required:
        raise InputError(
            f"model {name.full!r} has no key: set the environment variable {' or '.join(provider.keys)}"
        )
    return Endpoint(provider, base_url, Secret(key))


def public(url: str) -> str:
    """An address without the user, password and query that it may carry."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
