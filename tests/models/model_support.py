"""The four wires, and one call over any of them through the gateway."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import wires
from scripted_server import ScriptedServer

from heurigym.models.gateway import Gateway, GatewayOptions, Wallet
from heurigym.models.protocol import CallContext, Message, Reply, Request

KEY = "sk-very-secret-0123456789"
KEY_VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")
REQUEST = Request(
    system="You write heuristics.",
    messages=(Message(role="user", content="Solve the problem."),),
    max_output_tokens=500,
)
CONTEXT = CallContext(problem="toy", problem_folder=Path("toy"), strategy="refine", sample=0, attempt=0)


@dataclass(frozen=True)
class Wire:
    """One wire: a priced model behind it, where it listens below a server's address, and how it words replies."""

    model: str
    suffix: str
    reply: Callable[..., list[Any]]
    length: str

    @property
    def provider(self) -> str:
        return self.model.partition("/")[0]


CHAT = Wire("openai-chat/gpt-5.4", "/v1", wires.chat, "length")
RESPONSES = Wire("openai/gpt-5.4", "/v1", wires.responses, "max_output_tokens")
MESSAGES = Wire("anthropic/claude-sonnet-5-5", "", wires.messages, "max_tokens")
GEMINI = Wire("google/gemini-2.5-pro", "/v1beta", wires.gemini, "MAX_TOKENS")
WIRES = (CHAT, RESPONSES, MESSAGES, GEMINI)

every_wire = pytest.mark.parametrize("wire", WIRES, ids=[wire.provider for wire in WIRES])


def set_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that open nothing, and no address from outside."""
    for name in KEY_VARIABLES:
        monkeypatch.setenv(name, KEY)
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def options(server: ScriptedServer, wire: Wire, **changes: Any) -> GatewayOptions:
    """Options that send the wire's calls to the server, and do not wait long between tries."""
    given = {"base_urls": {wire.provider: server.url + wire.suffix}, "backoff_s": 0.01, "max_tries": 3, **changes}
    return GatewayOptions(**given)


def ask(
    server: ScriptedServer,
    wire: Wire,
    request: Request = REQUEST,
    *,
    effort: str = "",
    wallet: Wallet | None = None,
    **changes: Any,
) -> Reply:
    """One reply over the wire."""

    async def main() -> Reply:
        name = wire.model + effort
        gateway = Gateway([name], options(server, wire, **changes))
        try:
            return await gateway.complete(name, request, CONTEXT, wallet)
        finally:
            await gateway.close()

    return asyncio.run(main())
