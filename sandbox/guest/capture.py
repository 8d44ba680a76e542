"""Keeping the first and the last part of a stream while all of it is drained."""

import os
from collections import deque

_CHUNK = 1 << 16


class Capture:
    """Reads a pipe to its end and keeps at most ``limit`` bytes of it: the first half and the last half."""

    def __init__(self, fd: int, limit: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._half = limit // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._size = 0

    def drain(self) -> bool:
        """Read what is there, at most a few chunks; whether more may come."""
        for _ in range(16):
            try:
                part = os.read(self.fd, _CHUNK)
            except BlockingIOError:
                return True
            if not part:
                return False
            self._keep(part)
        return True

    def content(self) -> bytes:
        """What was kept, with a line that says how much was cut."""
        tail = b"".join(self._tail)[-self._half :] if self._tail else b""
        cut = self._size - len(self._head) - len(tail)
        note = f"\n[... {cut} bytes cut ...]\n".encode() if cut else b""
        return bytes(self._head) + note + tail

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        room = self._half - len(self._head)
        self._head += part[:room]
        rest = part[room:]
        if rest:
            self._tail.append(rest)
            self._tail_size += len(rest)
            while self._tail_size - len(self._tail[0]) >= self._half:
                self._tail_size -= len(self._tail.popleft())
