"""The harness's end of a guest server: starting it, giving it jobs, ending it."""

import contextlib
import json
import os
import socket
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from heurigym.execution.sandbox import Execution, Job
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

_LENGTH = struct.Struct("!II")
START_S = 120.0
_SPARE_S = 60.0
_MOST = 1 << 30
_REPORT_BYTES = 4000


class GuestError(Exception):
    """The guest did not do its part; never the program's fault."""


class Connection(Protocol):
    """What a stream needs of a socket."""

    def sendall(self, content: bytes, /) -> object:
        """Send all of ``content``."""
        ...

    def recv(self, size: int, /) -> bytes:
        """Receive at most ``size`` bytes; none at the end."""
        ...

    def settimeout(self, seconds: float, /) -> None:
        """Let later calls raise ``TimeoutError`` after so long."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class Stream:
    """Messages to and from a guest: a JSON header and a raw body over a connection."""

    def __init__(self, end: Connection) -> None:
        self._socket = end

    def send(self, header: Mapping[str, Any], body: Sequence[bytes] = ()) -> None:
        """Send one message.

        Raises:
            GuestError: the guest has gone.
        """
        encoded = json.dumps(header, separators=(",", ":")).encode()
        try:
            self._socket.sendall(_LENGTH.pack(len(encoded), sum(map(len, body))) + encoded)
            for part in body:
                self._socket.sendall(part)
        except OSError as error:
            raise GuestError(f"the sandbox's server has gone: {error}") from None

    def receive(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Receive one message before ``deadline`` on the monotonic clock.

        Raises:
            GuestError: the guest has gone, is late, or says what makes no sense.
        """
        header_size, body_size = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if max(header_size, body_size) > _MOST:
            raise GuestError("the sandbox's server sent a message that is too large")
        try:
            header = json.loads(self._exactly(header_size, deadline))
        except ValueError:
            raise GuestError("the sandbox's server sent a message that cannot be read") from None
        return header, self._exactly(body_size, deadline)

    def close(self) -> None:
        """Close the stream; the guest ends."""
        self._socket.close()

    def _exactly(self, size: int, deadline: float) -> bytes:
        parts = []
        while size:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                part = self._socket.recv(min(size, 1 << 20))
            except TimeoutError:
                raise GuestError("the sandbox's server does not answer") from None
            except OSError as error:
                raise GuestError(f"the sandbox's server has gone: {error}") from None
            if not part:
                raise GuestError("the sandbox's server has ended")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


@dataclass(frozen=True)
class Greeting:
    """What a server says when it is ready."""

    python: str
    packages: dict[str, str]


class GuestServer:
    """A running server. It does one job at a time."""

    def __init__(
        self,
        command: Sequence[str],
        settings: Mapping[str, Any],
        *,
        pass_fds: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start ``command`` with the settings as its last argument.

        The server may end when the thread that called this ends.
        """
        ours, theirs = socket.socketpair()
        reports, reports_in = os.pipe()
        os.set_blocking(reports, False)
        self._reports = reports
        self._socket = ours
        self._stream = Stream(ours)
        try:
            self._process = subprocess.Popen(
                [*command, json.dumps({**settings, "channel": theirs.fileno()})],
                pass_fds=[theirs.fileno(), *pass_fds],
                env=dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=reports_in,
            )
        except OSError as error:
            ours.close()
            os.close(reports)
            raise GuestError(f"{command[0]} cannot be started: {error.strerror}") from None
        finally:
            theirs.close()
            os.close(reports_in)

    def greeting(self) -> Greeting:
        """Wait until the server is ready.

        Raises:
            GuestError: it did not start; the message holds what it printed.
        """
        try:
            header, _ = self._stream.receive(time.monotonic() + START_S)
        except GuestError as error:
            self._process.kill()
            self._process.wait()
            raise GuestError(self.report() or str(error)) from None
        return Greeting(header["python"], header["packages"])

    def run(self, job: Job, cores: Sequence[int]) -> Execution:
        """Run one job.

        Raises:
            GuestError: the server failed; it must be closed.
        """
        self._stream.send({"cores": list(cores)})
        return converse(self._stream, job, cores)

    def report(self) -> str:
        """The last of what the server printed about itself."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._reports, 1 << 16)[-_REPORT_BYTES:].decode(errors="replace").strip()
        return ""

    def abort(self) -> None:
        """Make the server end; a thread that waits for it is told. It still has to be closed."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the server and everything in it."""
        self._stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        self._process.kill()
        self._process.wait()
        os.close(self._reports)

    @property
    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._process.poll() is None


def converse(stream: Stream, job: Job, cores: Sequence[int]) -> Execution:
    """Send ``job`` to the supervisor at the other end of ``stream``, and wait for its reply.

    Raises:
        GuestError: the supervisor did not do its part.
    """
    stream.send(_job_header(job, cores), [job.program, *(content for _, content in job.inputs)])
    header, body = stream.receive(time.monotonic() + 10 * job.limits.time_s + 10 + _SPARE_S)
    return _execution(header, body, cores)


def _job_header(job: Job, cores: Sequence[int]) -> dict[str, Any]:
    return {
        "program_size": len(job.program),
        "inputs": [(name, len(content)) for name, content in job.inputs],
        "solution_name": job.solution_name,
        "cores": list(cores),
        "limits": _limits(job.limits),
    }


def _limits(limits: Limits) -> dict[str, Any]:
    return limits.model_dump(exclude={"cores", "verify_time_s", "verify_memory_mb"})


def _execution(header: Mapping[str, Any], body: bytes, cores: Sequence[int]) -> Execution:
    try:
        stdout_size, stderr_size, solution_size = header["sizes"]
        outcome = None if header["outcome"] is None else Outcome(header["outcome"])
        stdout, stderr = body[:stdout_size], body[stdout_size : stdout_size + stderr_size]
        solution = body[stdout_size + stderr_size :]
        if len(solution) != solution_size:
            raise ValueError("sizes do not add up")
        return Execution(
            outcome=outcome,
            message=header["message"],
            solution=solution if outcome is None else None,
            exit_code=header.get("exit_code"),
            stdout=stdout.decode(errors="replace"),
            stderr=stderr.decode(errors="replace"),
            wall_s=header.get("wall_s", 0.0),
            charged_s=header.get("charged_s", 0.0),
            cpu_s=header.get("cpu_s", 0.0),
            peak_memory_mb=header.get("peak_memory_mb"),
            cores=tuple(cores),
            disturbance=header.get("disturbance", 0.0),
            flags=tuple(header.get("flags", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GuestError(f"the sandbox's server sent a reply that makes no sense: {error!r}") from None
