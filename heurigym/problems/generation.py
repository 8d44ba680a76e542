"""Fresh instances from a problem's ``generate.py``, made in a process of its own."""

import subprocess
import sys
from pathlib import Path

from heurigym.errors import InputError
from heurigym.problems.instances import Instance, find_instances
from heurigym.problems.problem import Problem

EXTRA = "heurigym[experts]"
"""What has the packages that experts and generators of the project's own problems use."""

_RUN = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import generate
generate.generate(int(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4]))
"""


def generate_instances(problem: Problem, seed: int, count: int, folder: Path) -> tuple[Instance, ...]:
    """``count`` instances of the problem's families, decided by ``seed`` alone, in the new or empty ``folder``.

    Raises:
        InputError: the problem has no generator, the generator failed, or the folder cannot be used.
    """
    if not (problem.folder / "generate.py").is_file():
        raise InputError(f"{problem.folder}: has no generate.py, so {problem.name} has no generator")
    empty_folder(folder)
    arguments = [str(problem.folder.absolute()), str(seed), str(count), str(folder.absolute())]
    done = subprocess.run([sys.executable, "-c", _RUN, *arguments], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        reason = failure_reason(done.stderr, done.returncode)
        raise InputError(f"the generator of {problem.name} failed: {reason}")
    return find_instances(folder, problem.spec.entry)


def empty_folder(folder: Path) -> None:
    """Make ``folder``, or see that it is empty.

    Raises:
        InputError: it is not empty, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder}: is not empty; name a new folder with --out")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None


def failure_reason(errors: str, status: int) -> str:
    """Why a process of a problem's folder failed: its last words, and the extra that has the package it lacks."""
    words = errors.strip().splitlines()
    reason = words[-1] if words else f"exit status {status}"
    if reason.startswith("ModuleNotFoundError") and EXTRA not in reason:
        return f"{reason}; experts and generators need packages of the extra: pip install '{EXTRA}'"
    return reason
