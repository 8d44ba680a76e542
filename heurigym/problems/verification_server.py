"""The process in which verifiers run: loads one verifier, then forks a limited child for every solution.

Spoken to by :mod:`heurigym.problems.verification`, one JSON object a line on standard input and output.
"""

import contextlib
import importlib.util
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from heurigym.problems.verdict import Verdict, Verifier, shorten

_ANSWER_LIMIT = 1 << 20
_FILE_LIMIT = 256 << 20


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    try:
        verify = _load(Path(sys.argv[1]))
    except Exception:
        _send(answers.fileno(), {"error": f"cannot be loaded: {_last_line()}"})
        return
    _send(answers.fileno(), {"ready": True})
    for line in sys.stdin.buffer:
        _send(answers.fileno(), _in_child(verify, json.loads(line)))


def _load(path: Path) -> Verifier:
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("verifier", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules["verifier"] = module
    spec.loader.exec_module(module)
    verify: Verifier = module.verify
    return verify


def _in_child(verify: Verifier, job: dict[str, Any]) -> dict[str, Any]:
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiver)
        _serve_one(verify, job, sender)
    os.close(sender)
    try:
        content, ended = _read_until(receiver, job["time_s"])
    finally:
        os.close(receiver)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if not ended:
        return {"error": f"no verdict within {job['time_s']:g} s"}
    if not content:
        return {"error": f"died without a verdict ({_describe(status)})"}
    answer: dict[str, Any] = json.loads(content)
    return answer


def _serve_one(verify: Verifier, job: dict[str, Any], sender: int) -> None:
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        _limit(job)
        answer = _describe_verdict(verify([Path(file) for file in job["instance"]], Path(job["solution"])))
    except BaseException:
        answer = {"error": f"raised {_last_line()}"}
    try:
        _send(sender, answer)
    finally:
        os._exit(0)


def _limit(job: dict[str, Any]) -> None:
    memory = job["memory_mb"] << 20
    seconds = int(job["time_s"]) + 1
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _FILE_LIMIT),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bounded, bounded))


def _describe_verdict(verdict: Verdict) -> dict[str, Any]:
    objective = verdict.objective
    exact = None if objective is None else [hex(objective.numerator), hex(objective.denominator)]
    return {"outcome": verdict.outcome.value, "objective": exact, "message": shorten(verdict.message)}


def _read_until(descriptor: int, seconds: float) -> tuple[bytes, bool]:
    content = b""
    deadline = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return content, False
        chunk = os.read(descriptor, 65536)
        if not chunk or len(content) > _ANSWER_LIMIT:
            return content, True
        content += chunk


def _send(descriptor: int, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]


def _last_line() -> str:
    return shorten(traceback.format_exc().strip().splitlines()[-1], 500)


def _describe(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit status {code}"


if __name__ == "__main__":
    main()
