"""A real HTTP server that answers as it is told, good or bad, for tests of whatever calls language models.

    def behave(call: Call) -> Answer:
        return sse(chat("hello")) if call.number else error(429, retry_after=1)

    with ScriptedServer(behave) as server:
        ...  # a client of server.url; server.calls holds what it sent

``behave`` is called in the server's thread, once per request, in order of arrival.
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self


@dataclass(frozen=True)
class Call:
    """One request that came in.

    Attributes:
        number: how many came before it.
        path: path and query.
        headers: headers, names in lower case.
        body: the JSON body.
    """

    number: int
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        pieces: the body, sent piece by piece.
        status: HTTP status.
        headers: headers beyond content type and length.
        content_type: content type.
        delay_s: pause before each piece.
        silence_s: pause before anything is sent.
        ending: ``whole`` sends what was promised, ``half`` promises more than it sends, ``reset`` breaks the
            connection with a TCP reset after the pieces; without pieces, before the head.
    """

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delay_s: float = 0.0
    silence_s: float = 0.0
    ending: Literal["whole", "half", "reset"] = "whole"


def sse(events: Iterable[Any], **changes: Any) -> Answer:
    """A stream of events; texts go out as they are, for broken ones."""
    return Answer(tuple(_event(event) for event in events), content_type="text/event-stream", **changes)


def body(text: str, content_type: str = "application/json", **changes: Any) -> Answer:
    """A plain body."""
    return Answer((text.encode(),), content_type=content_type, **changes)


def error(code: int, message: str = "no", /, retry_after: str | float | None = None, **details: Any) -> Answer:
    """An error as all three providers word it, near enough for each SDK."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    wording = {"type": "error", "error": {"type": "some_error", "message": message, "code": code, **details}}
    return Answer((json.dumps(wording).encode(),), status=code, headers=headers)


def _event(event: Any) -> bytes:
    if isinstance(event, str):
        return event.encode()
    kind = f"event: {event['type']}\n" if isinstance(event, dict) and "type" in event else ""
    return f"{kind}data: {json.dumps(event)}\n\n".encode()


class ScriptedServer:
    """The server, on a port of its own, for the length of a ``with`` block."""

    def __init__(self, behave: Callable[[Call], Answer]) -> None:
        self._behave = behave
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.calls: list[Call] = []
        self.most_at_once = 0
        self._at_once = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        call = Call(len(self.calls), first.split()[1], headers, json.loads(content or b"null"))
        self.calls.append(call)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._answer(self._behave(call), writer)
        finally:
            self._at_once -= 1

    async def _answer(self, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(answer.silence_s)
        if answer.ending == "reset" and not answer.pieces:
            _reset(writer)
            return False
        size = sum(map(len, answer.pieces)) + (answer.ending != "whole")
        lines = [f"HTTP/1.1 {answer.status} X", f"content-type: {answer.content_type}", f"content-length: {size}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        for piece in answer.pieces:
            await writer.drain()
            await asyncio.sleep(answer.delay_s)
            writer.write(piece)
        await writer.drain()
        if answer.ending == "reset":
            await asyncio.sleep(0.05)
            _reset(writer)
        return answer.ending == "whole"


def _reset(writer: asyncio.StreamWriter) -> None:
    # Without lingering the kernel sends RST instead of an orderly end.
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
