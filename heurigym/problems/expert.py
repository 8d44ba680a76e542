"""Running a problem's expert solver: ``baseline.py`` in a process of its own, its solutions verified.

``baseline.py`` defines ``solve(instance, seconds, seed)``, which returns the text of a solution and a mapping with
``solver``, ``version`` and, where one is proven, ``bound``.
"""

import datetime
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heurigym.errors import InputError
from heurigym.problems.generation import generate_instances
from heurigym.problems.instances import Instance
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem
from heurigym.problems.spec import BaselineFile, BaselineRecord
from heurigym.problems.verdict import Verdict
from heurigym.problems.verification import Verifiers, pack

SOLUTIONS = "baseline_solutions"
"""Folder of the expert's solutions, beside ``baselines.json``."""

_RUN = """
import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import baseline
job = json.load(sys.stdin)
solution, info = baseline.solve([pathlib.Path(file) for file in job["files"]], job["seconds"], job["seed"])
pathlib.Path(job["solution"]).write_text(solution, encoding="utf-8")
pathlib.Path(job["info"]).write_text(json.dumps(info))
"""


@dataclass(frozen=True)
class Solved:
    """The expert's result on one instance.

    Attributes:
        record: objective, bound and provenance.
        solution: the solution file's content.
    """

    record: BaselineRecord
    solution: bytes


def solve_all(
    problem: Problem,
    instances: Sequence[Instance],
    seconds: float,
    seed: int,
    *,
    on_solved: Callable[[str, Solved], None] = lambda name, solved: None,
) -> dict[str, Solved]:
    """What the expert finds for ``instances``, by name; each is told of as soon as it is there.

    Raises:
        InputError: the problem has no expert, the expert failed, or its solution is not feasible.
    """
    if not (problem.folder / "baseline.py").is_file():
        raise InputError(f"{problem.folder}: has no baseline.py, so {problem.name} has no expert to run")
    records = {}
    with Verifiers() as verifiers:
        for instance in instances:
            records[instance.name] = _solve(problem, instance, seconds, seed, verifiers)
            on_solved(instance.name, records[instance.name])
    return records


def _solve(problem: Problem, instance: Instance, seconds: float, seed: int, verifiers: Verifiers) -> Solved:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="heurigym-expert-") as folder:
        files = []
        for file, content in zip(instance.files, instance.read(), strict=True):
            files.append(Path(folder) / file.name.removesuffix(".gz"))
            files[-1].write_bytes(content)
        solution, info_file = Path(folder) / "solution", Path(folder) / "info.json"
        job = {
            "files": [str(file) for file in files],
            "seconds": seconds,
            "seed": seed,
            "solution": str(solution),
            "info": str(info_file),
        }
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(problem.folder.absolute())],
            input=json.dumps(job),
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            words = done.stderr.strip().splitlines()
            raise InputError(
                f"the expert of {problem.name} failed on {instance.name}: {words[-1] if words else '?'}"
            )
        elapsed = time.monotonic() - started
        info = json.loads(info_file.read_text(encoding="utf-8"))
        verdict = verifiers.verify_file(problem, Instance(instance.name, tuple(files)), solution)
        content = solution.read_bytes()
    return Solved(_record(problem, instance, verdict, info, elapsed, seed), content)


def _record(
    problem: Problem, instance: Instance, verdict: Verdict, info: dict[str, object], elapsed: float, seed: int
) -> BaselineRecord:
    objective = verdict.number
    if verdict.outcome is not Outcome.FEASIBLE or objective is None:
        raise InputError(
            f"the expert of {problem.name} gave no feasible solution of {instance.name}: {verdict.message}"
        )
    bound = info.get("bound")
    return BaselineRecord.model_validate(
        {
            "objective": objective,
            "bound": bound,
            "optimal": bound == objective,
            "solver": info.get("solver"),
            "version": info.get("version"),
            "time_s": round(elapsed, 2),
            "date": datetime.datetime.now(datetime.UTC).date(),
            "seed": seed,
        }
    )


def keep_better(
    folder: Path, problem: Problem, stored: Mapping[str, BaselineRecord], solved: Mapping[str, Solved]
) -> dict[str, BaselineRecord]:
    """Write ``baselines.json`` and solutions into ``folder``, keeping the better of each stored and new result.

    A bound that was proven once stays true, so the better of both bounds is kept whichever solution is. Files are
    written beside the old ones and renamed at the end, so that a run that is killed leaves solutions that fit.

    Returns:
        The records as they are now.

    Raises:
        InputError: the folder cannot be written.
    """
    minimize = problem.spec.objective.direction == "minimize"
    records = dict(stored)
    renamed: list[tuple[Path, Path]] = []
    try:
        (folder / SOLUTIONS).mkdir(exist_ok=True)
        for name, result in solved.items():
            old = records.get(name)
            kept = old
            if old is None or not old.solution or _better(result.record, old, minimize):
                place = f"{SOLUTIONS}/{name}{problem.spec.entry.solution.extension}.gz"
                solution = folder / place
                part = solution.with_name(f".{solution.name}.part")
                part.write_bytes(pack(result.solution))
                renamed.append((part, solution))
                kept = result.record.model_copy(update={"solution": place})
            assert kept is not None
            records[name] = _with_bound(kept, [result.record.bound, None if old is None else old.bound], minimize)
        content = BaselineFile(schema_version=1, instances=dict(sorted(records.items())))
        part = folder / ".baselines.json.part"
        part.write_text(content.model_dump_json(indent=1) + "\n", encoding="utf-8")
        renamed.append((part, folder / "baselines.json"))
        for written, path in renamed:
            written.replace(path)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    return records


def _better(new: BaselineRecord, old: BaselineRecord, minimize: bool) -> bool:
    return new.objective != old.objective and (new.objective < old.objective) == minimize


def _with_bound(record: BaselineRecord, bounds: Iterable[float | None], minimize: bool) -> BaselineRecord:
    proven = [bound for bound in bounds if bound is not None]
    if not proven:
        return record
    bound = max(proven) if minimize else min(proven)
    return record.model_copy(update={"bound": bound, "optimal": bound == record.objective})


def generate_with_experts(problem: Problem, seed: int, count: int, seconds: float, folder: Path) -> None:
    """Fresh instances in ``folder``, with a ``baselines.json`` of what the expert finds in ``seconds`` for each.

    Raises:
        InputError: the problem has no generator or no expert, or one of them failed.
    """
    instances = generate_instances(problem, seed, count, folder)
    keep_better(folder, problem, {}, solve_all(problem, instances, seconds, seed))
