"""Messages between the harness and the guest: a JSON header and a raw body over a byte stream."""

import json
import os
import struct
from collections.abc import Iterable
from typing import Any

_LENGTH = struct.Struct("!II")
_CHUNK = 1 << 20


class Closed(Exception):
    """The other side has closed the stream."""


def send(fd: int, header: dict[str, Any], body: Iterable[bytes] = ()) -> None:
    """Write one message: ``header`` as JSON, then the parts of ``body``."""
    encoded = json.dumps(header, separators=(",", ":")).encode()
    parts = list(body)
    _write_all(fd, _LENGTH.pack(len(encoded), sum(map(len, parts))) + encoded)
    for part in parts:
        _write_all(fd, part)


def receive_header(fd: int) -> tuple[dict[str, Any], int]:
    """Read the header of one message, and how many bytes of body follow.

    Raises:
        Closed: the stream ended.
    """
    header_size, body_size = _LENGTH.unpack(read_exactly(fd, _LENGTH.size))
    return json.loads(read_exactly(fd, header_size)), body_size


def read_exactly(fd: int, size: int) -> bytes:
    """Read ``size`` bytes.

    Raises:
        Closed: the stream ended before.
    """
    parts = []
    while size:
        part = os.read(fd, min(size, _CHUNK))
        if not part:
            raise Closed
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def copy_exactly(source: int, target: int, size: int) -> None:
    """Copy ``size`` bytes from one descriptor to another without holding them all.

    Raises:
        Closed: ``source`` ended before.
    """
    while size:
        part = os.read(source, min(size, _CHUNK))
        if not part:
            raise Closed
        _write_all(target, part)
        size -= len(part)


def _write_all(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
