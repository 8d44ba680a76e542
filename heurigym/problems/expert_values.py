"""Keeping what an expert found: ``baselines.json`` and the solutions beside it."""

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from heurigym.errors import InputError
from heurigym.problems.problem import Problem
from heurigym.problems.spec import BaselineFile, BaselineRecord, parse_json
from heurigym.problems.verification import pack

SOLUTIONS = "baseline_solutions"
"""Folder of the expert's solutions, beside ``baselines.json``."""


@dataclass(frozen=True)
class Solved:
    """The expert's result on one instance.

    Attributes:
        record: objective, bound and provenance.
        solution: the solution file's content.
    """

    record: BaselineRecord
    solution: bytes


def stored_values(folder: Path) -> dict[str, BaselineRecord]:
    """The expert values in ``folder``, by name; none where there is no ``baselines.json``.

    Raises:
        InputError: the file is there and wrong.
    """
    path = folder / "baselines.json"
    return dict(parse_json(path, BaselineFile).instances) if path.is_file() else {}


def keep_better(folder: Path, problem: Problem, solved: Mapping[str, Solved]) -> None:
    """Write ``baselines.json`` and solutions into ``folder``, keeping the better of each stored and new result.

    A bound that was proven once stays true, so the better of both bounds is kept whichever solution is. Several
    processes may do this at once: each reads what is stored while it holds the folder's lock, so none undoes what
    another kept. Files are written beside the old ones and renamed at the end, so that a run that is killed leaves
    solutions that fit.

    Raises:
        InputError: the folder cannot be written, or its ``baselines.json`` is wrong.
    """
    minimize = problem.spec.objective.direction == "minimize"
    try:
        with _locked(folder):
            records = stored_values(folder)
            files: dict[Path, bytes] = {}
            for name, result in solved.items():
                old = records.get(name)
                kept = old
                if old is not None and old.bound is not None and _beyond(old.bound, result.record, minimize):
                    raise InputError(
                        f"{folder / 'baselines.json'}: {name}: bound: {old.bound} is refuted by a solution of "
                        f"{result.record.objective}; set it to null and optimal to false, then run the expert again"
                    )
                if old is None or not old.solution or _better(result.record, old, minimize):
                    place = f"{SOLUTIONS}/{name}{problem.spec.entry.solution.extension}.gz"
                    files[folder / place] = pack(result.solution)
                    kept = result.record.model_copy(update={"solution": place})
                assert kept is not None
                bounds = (result.record.bound, None if old is None else old.bound)
                records[name] = _with_bound(kept, bounds, minimize)
            content = BaselineFile(schema_version=1, instances=dict(sorted(records.items())))
            files[folder / "baselines.json"] = (content.model_dump_json(indent=1) + "\n").encode()
            (folder / SOLUTIONS).mkdir(exist_ok=True)
            _replace_all(files)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None


def keep_published(folder: Path, records: Mapping[str, BaselineRecord]) -> None:
    """Write published values of instances that have no value yet into the ``baselines.json`` of ``folder``.

    Raises:
        OSError: the folder cannot be written.
        InputError: its ``baselines.json`` is wrong.
    """
    with _locked(folder):
        stored = stored_values(folder)
        if records.keys() <= stored.keys():
            return
        content = BaselineFile(schema_version=1, instances=dict(sorted({**records, **stored}.items())))
        _replace_all({folder / "baselines.json": (content.model_dump_json(indent=1) + "\n").encode()})


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among the processes that do this; the lock ends with the process and leaves no file."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace_all(files: Mapping[Path, bytes]) -> None:
    """Write all files or none: each beside its place first, so that a full disk leaves what was there."""
    parts = {path.with_name(f".{path.name}.part"): path for path in files}
    try:
        for part, path in parts.items():
            part.write_bytes(files[path])
        for part, path in parts.items():
            part.replace(path)
    finally:
        for part in parts:
            with contextlib.suppress(OSError):
                part.unlink()


def _beyond(bound: float, record: BaselineRecord, minimize: bool) -> bool:
    return bound > record.objective if minimize else bound < record.objective


def _better(new: BaselineRecord, old: BaselineRecord, minimize: bool) -> bool:
    return new.objective != old.objective and (new.objective < old.objective) == minimize


def _with_bound(record: BaselineRecord, bounds: Iterable[float | None], minimize: bool) -> BaselineRecord:
    proven = [bound for bound in bounds if bound is not None]
    if not proven:
        return record
    bound = max(proven) if minimize else min(proven)
    return record.model_copy(update={"bound": bound, "optimal": bound == record.objective})
