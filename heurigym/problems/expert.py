"""Running a problem's expert solver: ``baseline.py`` in a process of its own, its solutions verified.

``baseline.py`` defines ``solve(instance, seconds, seed)``, which returns the text of a solution and a mapping with
``solver``, ``version`` and, where one is proven, ``bound``.
"""

import datetime
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from heurigym.errors import InputError
from heurigym.problems.expert_process import run_expert
from heurigym.problems.expert_values import Solved, keep_better
from heurigym.problems.generation import generate_instances
from heurigym.problems.instances import Instance
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem
from heurigym.problems.spec import BaselineRecord, describe
from heurigym.problems.verdict import Verdict
from heurigym.problems.verification import Verifiers


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
        scratch, files = Path(folder), []
        (scratch / "instance").mkdir()
        for file, content in zip(instance.files, instance.read(), strict=True):
            files.append(scratch / "instance" / file.name.removesuffix(".gz"))
            files[-1].write_bytes(content)
        solution, info = run_expert(problem, instance.name, files, seconds, seed, scratch)
        elapsed = time.monotonic() - started
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
    said = {name: info.get(name) for name in ("bound", "solver", "version")}
    known = {
        "objective": objective,
        "optimal": bound == objective,
        "time_s": round(elapsed, 2),
        "date": datetime.datetime.now(datetime.UTC).date(),
        "seed": seed,
    }
    try:
        record = BaselineRecord.model_validate(said | known)
    except ValidationError as error:
        raise InputError(describe(f"what the expert of {problem.name} says of {instance.name}", error)) from None
    minimize = problem.spec.objective.direction == "minimize"
    if record.bound is not None and (record.bound > objective if minimize else record.bound < objective):
        raise InputError(
            f"the expert of {problem.name} claims the bound {record.bound} of {instance.name}, which is beyond the "
            f"objective {objective} of its own solution"
        )
    return record


def generate_with_experts(problem: Problem, seed: int, count: int, seconds: float, folder: Path) -> None:
    """Fresh instances in ``folder``, with a ``baselines.json`` of what the expert finds in ``seconds`` for each.

    Raises:
        InputError: the problem has no generator or no expert, or one of them failed.
    """
    instances = generate_instances(problem, seed, count, folder)
    keep_better(folder, problem, solve_all(problem, instances, seconds, seed))
