"""``baseline.py`` in a process of its own, which ends when the process that started it does."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from heurigym.errors import InputError
from heurigym.problems.generation import failure_reason
from heurigym.problems.problem import Problem

_RUN = """
import json, os, pathlib, signal, sys, threading

def end_with_parent(pipe):
    os.read(pipe, 1)
    os.killpg(0, signal.SIGKILL)

# Standard input stays open as long as the parent lives. What the expert starts must neither have nor wait for it.
pipe = os.dup(0)
nothing = os.open(os.devnull, os.O_RDONLY)
os.dup2(nothing, 0)
os.close(nothing)
threading.Thread(target=end_with_parent, args=(pipe,), daemon=True).start()
job = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
sys.path.insert(0, job["folder"])
import baseline
solution, info = baseline.solve([pathlib.Path(file) for file in job["files"]], job["seconds"], job["seed"])
pathlib.Path(job["solution"]).write_text(solution, encoding="utf-8")
pathlib.Path(job["info"]).write_text(json.dumps(info), encoding="utf-8")
"""


def run_expert(
    problem: Problem, name: str, files: Sequence[Path], seconds: float, seed: int, scratch: Path
) -> tuple[Path, dict[str, Any]]:
    """The file of the expert's solution of an instance, in ``scratch``, and what the expert says of it.

    The expert and what it starts are a process group that is killed when this function ends, however it ends, and
    when this process ends.

    Raises:
        InputError: the expert failed.
    """
    solution, info, job, errors = (scratch / part for part in ("solution", "info.json", "job.json", "errors"))
    content = {
        "folder": str(problem.folder.absolute()),
        "files": [str(file) for file in files],
        "seconds": seconds,
        "seed": seed,
        "solution": str(solution),
        "info": str(info),
    }
    job.write_text(json.dumps(content), encoding="utf-8")
    with errors.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=written,
            process_group=0,
        )
    try:
        status = process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdin is not None
        process.stdin.close()
    if status != 0:
        reason = failure_reason(errors.read_text(encoding="utf-8", errors="replace"), status)
        raise InputError(f"the expert of {problem.name} failed on {name}: {reason}")
    try:
        said = json.loads(info.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        said = None
    if not isinstance(said, dict):
        raise InputError(f"the expert of {problem.name} failed on {name}: baseline.solve returned no mapping")
    return solution, said
