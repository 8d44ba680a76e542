"""Processes of campaigns: started, killed, and looked for afterwards."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_S = 900.0
"""How long anything is waited for before a test fails; far more than anything takes."""

_END_S = 30.0
_PR_SET_CHILD_SUBREAPER = 36

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["heurigym.campaigns.session", "heurigym.models.openai_chat", "pandas", "processes"]
)


def start(target: Callable[..., None], *args: Any) -> "multiprocessing.process.BaseProcess":
    """A process that runs ``target``, forked from one in which everything is imported already."""
    process = _context.Process(target=_run, args=(dict(os.environ), target, *args))
    process.start()
    return process


def _run(environment: dict[str, str], target: Callable[..., None], *args: Any) -> None:
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    target(*args)


def ended(process: "multiprocessing.process.BaseProcess") -> int:
    """The exit code; a signal's number is negative."""
    process.join(PATIENCE_S)
    assert process.exitcode is not None, "the process does not end"
    return process.exitcode


def kill(process: "multiprocessing.process.BaseProcess") -> None:
    """SIGKILL, and wait."""
    assert process.pid is not None
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    ended(process)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


class Descendants:
    """The processes that this one, or any child of it, has started from now on."""

    def __init__(self) -> None:
        # Orphans then become children of this process, so that they can be found.
        _adopt_orphans(True)
        _start_servers_of_multiprocessing()
        self._before = _descendants()

    def alive(self) -> list[str]:
        """Command lines of those that live; the browser that other tests share starts processes as it likes."""
        words = [_words(pid) for pid in _descendants() - self._before]
        return [line for line in words if "chrom" not in line]

    def wait_for_end(self) -> list[str]:
        """Command lines of those that still live after a while; usually none."""
        deadline = time.monotonic() + _END_S
        while (left := self.alive()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left

    def kill(self) -> None:
        """Leave nothing behind, whatever a test that failed has left, and adopt no more orphans."""
        for pid in _descendants() - self._before:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _descendants()
        _adopt_orphans(False)


def _adopt_orphans(adopt: bool) -> None:
    assert ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, int(adopt), 0, 0, 0) == 0


def _start_servers_of_multiprocessing() -> None:
    process = _context.Process(target=int)
    process.start()
    process.join()


def _descendants() -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state == "Z" and int(parent) == os.getpid():
                    _reap(int(entry.name))
                elif state != "Z":
                    parents[int(entry.name)] = int(parent)
    found = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found - {os.getpid()}


def _reap(pid: int) -> None:
    """Take leave of an orphan; processes of multiprocessing and subprocess are left to those."""
    if pid not in {child.pid for child in multiprocessing.active_children()}:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _words(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return f"process {pid}"
    return f"{pid}: {words.replace(bytes(1), b' ').decode(errors='replace').strip()[:200]}"
