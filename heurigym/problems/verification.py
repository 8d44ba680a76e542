"""Verifiers at work: each verification in a limited process of its own, forked from one that loaded the verifier.

The server is a separate interpreter that runs in ``/`` with an empty environment and imports the verifier once.
For every solution it forks a child with limits on time and memory, so that a verifier that hangs, dies or eats
memory costs one verification and never the harness. See :mod:`heurigym.problems.verification_server`.
"""

import contextlib
import gzip
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from heurigym.problems.instances import Instance, read_packed
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem
from heurigym.problems.verdict import Verdict

_START_S = 60.0
_GRACE_S = 10.0
_FOLDER = "heurigym-verify-"
_IDLE = 2


class VerificationFailed(Exception):
    """The verifier itself failed: it hung, died, or raised. Never the fault of a solution."""


class Verifiers:
    """Verifies solutions of any problem; may be used from several threads at once, and closed once.

    Args:
        idle: processes that are kept for the next verification, of all problems together: as many as there are
            threads that verify, or some of them would start a process each time.
    """

    def __init__(self, idle: int = _IDLE) -> None:
        self._most_idle = idle
        self._idle: list[_Server] = []
        self._all: set[_Server] = set()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        _remove_abandoned()
        self._folder = tempfile.TemporaryDirectory(prefix=f"{_FOLDER}{os.getpid()}-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def verify(self, problem: Problem, instance: Instance, solution: bytes) -> Verdict:
        """The verdict on the content of a solution file.

        Raises:
            VerificationFailed: the verifier failed.
        """
        with tempfile.TemporaryDirectory(dir=self._folder.name) as folder:
            path = Path(folder) / f"solution{problem.spec.entry.solution.extension}"
            path.write_bytes(solution)
            return self.verify_file(problem, instance, path)

    def verify_file(self, problem: Problem, instance: Instance, solution: Path) -> Verdict:
        """The verdict on a solution file, whatever is at its path: it may be missing, a link or a FIFO.

        Raises:
            InputError: a file of the instance is missing or corrupt.
            VerificationFailed: the verifier failed.
        """
        limits = problem.spec.limits
        with self._unpacked(instance) as files, self._server(problem) as server:
            return server.verify(files, solution.absolute(), limits.verify_time_s, limits.verify_memory_mb)

    def close(self) -> None:
        """End all verifier processes, also those at work: who waits for their verdicts gets an error."""
        with self._lock:
            self._closed.set()
            for server in self._all:
                server.kill()
            idle, self._idle = self._idle, []
        for server in idle:
            self._end(server)
        self._folder.cleanup()

    @contextlib.contextmanager
    def _server(self, problem: Problem) -> Iterator["_Server"]:
        key = problem.verifier_file.absolute()
        server = self._take(key)
        try:
            yield server
        except BaseException:
            self._end(server)
            raise
        with self._lock:
            self._idle.append(server)
            most = 0 if self._closed.is_set() else self._most_idle
            spare = [self._idle.pop(0) for _ in range(len(self._idle) - most)]
        for each in spare:
            self._end(each)

    def _take(self, key: Path) -> "_Server":
        with self._lock:
            if self._closed.is_set():
                raise VerificationFailed("verification has been closed")
            for server in reversed(self._idle):
                if server.verifier == key:
                    self._idle.remove(server)
                    return server
        server = _Server(key)
        with self._lock:
            self._all.add(server)
            if self._closed.is_set():
                server.kill()
        return server

    def _end(self, server: "_Server") -> None:
        with self._lock:
            self._all.discard(server)
        server.close()

    @contextlib.contextmanager
    def _unpacked(self, instance: Instance) -> Iterator[tuple[Path, ...]]:
        if not any(file.suffix == ".gz" for file in instance.files):
            yield tuple(file.absolute() for file in instance.files)
            return
        with tempfile.TemporaryDirectory(dir=self._folder.name) as folder:
            yield tuple(_unpack(file, Path(folder)) for file in instance.files)


class _Server:
    """One process that has loaded one verifier."""

    def __init__(self, verifier: Path) -> None:
        self.verifier = verifier
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "heurigym.problems.verification_server", str(verifier)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            self._receive(_START_S)
        except BaseException:
            self.close()
            raise

    def verify(self, instance: Sequence[Path], solution: Path, time_s: float, memory_mb: int) -> Verdict:
        assert self._process.stdin is not None
        job = {
            "instance": [str(file) for file in instance],
            "solution": str(solution),
            "time_s": time_s,
            "memory_mb": memory_mb,
        }
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise VerificationFailed(f"{self.verifier}: its process died") from None
        answer = self._receive(time_s + _GRACE_S)
        objective = answer["objective"]
        exact = None if objective is None else Fraction(int(objective[0], 16), int(objective[1], 16))
        whole = exact.numerator if exact is not None and exact.denominator == 1 else exact
        return Verdict(Outcome(answer["outcome"]), whole, answer["message"])

    def kill(self) -> None:
        """End the process; the server still has to be closed."""
        self._process.kill()

    def close(self) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _receive(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not ready:
            raise VerificationFailed(f"{self.verifier}: no answer within {seconds:g} s")
        line = self._process.stdout.readline()
        if not line:
            raise VerificationFailed(f"{self.verifier}: its process died")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise VerificationFailed(f"{self.verifier}: {answer['error']}")
        return answer


def _remove_abandoned() -> None:
    """Remove the folders of processes that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _unpack(file: Path, folder: Path) -> Path:
    path = folder / file.name.removesuffix(".gz")
    path.write_bytes(read_packed(file))
    return path


def pack(content: bytes) -> bytes:
    """``content`` gzipped, the same bytes for the same content."""
    return gzip.compress(content, mtime=0)
