"""From a model's name to the model."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from heurigym.errors import InputError
from heurigym.models.limits import CallLimits
from heurigym.models.local import Local
from heurigym.models.names import ModelName, parse_name
from heurigym.models.protocol import LanguageModel
from heurigym.models.providers import PROVIDERS, Endpoint, endpoint_of
from heurigym.models.replay import Replay
from heurigym.models.scripted import Ladder

ENTRY_POINTS = "heurigym.models"

_DEFAULT_LIMITS = CallLimits()
_SDKS = ("openai", "anthropic", "google")

_ADAPTERS = {
    "openai-responses": ("heurigym.models.openai_responses", "OpenAIResponses"),
    "openai-chat": ("heurigym.models.openai_chat", "OpenAIChat"),
    "anthropic": ("heurigym.models.anthropic", "Anthropic"),
    "google": ("heurigym.models.google", "Google"),
}


def open_model(name: str, endpoint: Endpoint | None = None, limits: CallLimits = _DEFAULT_LIMITS) -> LanguageModel:
    """The model called ``name``, which is written ``provider/model[:effort]``.

    Other packages add providers by an entry point of the group ``heurigym.models``: its name is the provider, its
    value is called with the model's full name.

    Raises:
        InputError: there is no such provider, or its SDK or key is missing.
    """
    parsed = parse_name(name)
    if name == "scripted/ladder":
        return Ladder()
    if parsed.provider == "replay":
        return Replay(name, Path(parsed.model))
    if parsed.provider == "local":
        return Local(parsed, limits)
    if parsed.provider in PROVIDERS:
        return _remote(parsed, endpoint or endpoint_of(parsed, {}), limits)
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == parsed.provider:
            return cast(Callable[[str], LanguageModel], entry.load())(name)
    known = ", ".join(
        ["scripted/ladder", "replay/PATH", "local/smollm2", *(f"{provider}/MODEL" for provider in PROVIDERS)]
    )
    raise InputError(f"unknown model {name!r}; known: {known}")


def _remote(name: ModelName, endpoint: Endpoint, limits: CallLimits) -> LanguageModel:
    module, adapter = _ADAPTERS[endpoint.provider.wire]
    try:
        made = getattr(import_module(module), adapter)(name, endpoint, limits)
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _SDKS:
            raise
        extra = endpoint.provider.extra
        raise InputError(
            f"model {name.full!r} needs the {extra} SDK, which is not installed: pip install 'heurigym[{extra}]'"
        ) from None
    return cast(LanguageModel, made)
