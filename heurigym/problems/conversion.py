"""Instances from public files by a problem's ``convert.py``, made in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from heurigym.errors import InputError
from heurigym.problems.generation import empty_folder, failure_reason
from heurigym.problems.instances import Instance, find_instances
from heurigym.problems.problem import Problem

_RUN = """
import json, os, pathlib, sys
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path.insert(0, sys.argv[1])
import convert
for name in json.load(sys.stdin):
    path, error = pathlib.Path(name), None
    reads = path.name.lower().endswith(tuple(convert.EXTENSIONS))
    try:
        if reads:
            convert.convert(path, pathlib.Path(sys.argv[2]))
    except (ValueError, OSError) as failure:
        error = str(failure)
    except (KeyError, TypeError, IndexError) as failure:
        error = f"{path}: is not of a format that is read here: {failure!r}"
    print(json.dumps({"reads": reads, "error": error}), file=answers, flush=True)
"""


@dataclass(frozen=True)
class Converted:
    """What became of public files.

    Attributes:
        instances: the instances in the folder now.
        failures: why a file gave none, by file.
        skipped: files whose extension ``convert.py`` does not read.
    """

    instances: tuple[Instance, ...]
    failures: dict[Path, str]
    skipped: tuple[Path, ...]


def convert_files(
    problem: Problem, source: Path, folder: Path, on_file: Callable[[], None] = lambda: None
) -> Converted:
    """Convert a public file, or those in a folder, to instances of ``problem`` in the new or empty ``folder``.

    Args:
        problem: whose ``convert.py`` is used.
        source: a file, or a folder with files.
        folder: for the instances.
        on_file: called after each file.

    Raises:
        InputError: the problem has no ``convert.py`` or it fails as a whole, no file of ``source`` could be
            converted, or ``folder`` cannot be used; the message names the file and the fix.
    """
    if not (problem.folder / "convert.py").is_file():
        raise InputError(
            f"{problem.name} reads its public instances as they are: "
            f"heurigym judge {problem.name} PROGRAM.py --instances {source}"
        )
    files = _files(source)
    empty_folder(folder)
    failures: dict[Path, str] = {}
    skipped: list[Path] = []
    arguments = [str(problem.folder.absolute()), str(folder.absolute())]
    with tempfile.TemporaryFile("w+") as names, tempfile.TemporaryFile("w+") as errors:
        json.dump([str(file.absolute()) for file in files], names)
        names.seek(0)
        with subprocess.Popen(
            [sys.executable, "-c", _RUN, *arguments], text=True, stdin=names, stdout=subprocess.PIPE, stderr=errors
        ) as process:
            assert process.stdout is not None
            for file, line in zip(files, process.stdout, strict=False):
                answer = json.loads(line)
                if answer["error"] is not None:
                    failures[file] = " ".join(answer["error"].split())
                elif not answer["reads"]:
                    skipped.append(file)
                on_file()
        if process.returncode != 0:
            errors.seek(0)
            reason = failure_reason(errors.read(), process.returncode)
            raise InputError(f"the converter of {problem.name} failed: {reason}")
    if len(skipped) == len(files):
        raise InputError(
            f"{source}: has nothing that the converter of {problem.name} reads; see heurigym data list"
        )
    if len(failures) + len(skipped) == len(files):
        more = f" (and {len(failures) - 1} more files failed)" if len(failures) > 1 else ""
        raise InputError(f"{next(iter(failures.values()))}{more}")
    return Converted(find_instances(folder, problem.spec.entry), failures, tuple(skipped))


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise InputError(f"{source}: no such file or folder")
    try:
        # A pulled suite has expert values beside its files, which are no instance.
        files = sorted(path for path in source.iterdir() if path.is_file() and path.name != "baselines.json")
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror}") from None
    if not files:
        raise InputError(f"{source}: has no file")
    return files
