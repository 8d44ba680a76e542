"""What the two OpenAI wires share: the client, and settings that a model turns out not to take."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import openai

from heurigym.models.limits import CONNECT_TIMEOUT_S, CallLimits
from heurigym.models.protocol import Request
from heurigym.models.providers import Endpoint

_NO_KEY = "none"


def make_client(endpoint: Endpoint, limits: CallLimits) -> openai.AsyncOpenAI:
    """A client that never retries by itself."""
    return openai.AsyncOpenAI(
        api_key=endpoint.key.reveal() or _NO_KEY,
        base_url=endpoint.base_url,
        max_retries=0,
        timeout=openai.Timeout(limits.idle_timeout_s, connect=CONNECT_TIMEOUT_S),
    )


class OptionalSettings:
    """Settings that are sent until the model says that it does not take them.

    Reasoning models answer a temperature with 400; the call is then made without it, and so are all later ones.
    """

    def __init__(self, *names: str) -> None:
        self._names = names
        self._refused: set[str] = set()

    async def call(
        self, settings: Mapping[str, Any], make: Callable[[dict[str, Any]], Awaitable[Any]]
    ) -> tuple[Any, dict[str, Any]]:
        """What ``make`` gives for the settings that the model takes, and these settings."""
        while True:
            sent = {name: value for name, value in settings.items() if name not in self._refused}
            try:
                return await make(sent), sent
            except openai.BadRequestError as error:
                refused = self._named_in(error) & sent.keys()
                if not refused:
                    raise
                self._refused |= refused

    def _named_in(self, error: openai.BadRequestError) -> set[str]:
        if error.param in self._names:
            return {error.param}
        words = str(error)
        unsupported = any(
            word in words.lower() for word in ("unsupported", "not supported", "unknown", "unrecognized")
        )
        return {name for name in self._names if unsupported and name in words}


def cache_key(request: Request) -> str:
    """The same for every request with the same beginning, so that they meet in the provider's cache."""
    first = request.messages[0].content if request.messages else ""
    return hashlib.sha256(f"{request.system}\0{first}".encode()).hexdigest()[:32]
