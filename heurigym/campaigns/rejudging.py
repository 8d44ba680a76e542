"""Judging a campaign's stored programs again, into a store of its own."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from heurigym.agents.trajectory import Status, Trajectory, select
from heurigym.campaigns.cell import cell_key
from heurigym.campaigns.manifest import make_manifest
from heurigym.campaigns.session import check
from heurigym.campaigns.store import Store
from heurigym.errors import InputError
from heurigym.execution.backends import open_sandbox
from heurigym.execution.judging import Judge, Judging
from heurigym.problems.instances import SPLITS
from heurigym.problems.problem import Problem


@dataclass(frozen=True)
class Difference:
    """A judging that came out differently.

    Attributes:
        row: cell, attempt, split, scores before and now, for a table.
    """

    row: tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Rejudging:
    """What came of judging a campaign's programs again.

    Attributes:
        differences: judgings that came out differently.
        unscored: executions that the harness failed to judge.
    """

    differences: tuple[Difference, ...]
    unscored: int


def rejudge(
    store: Store, target: Path, sandbox: str | None, *, on_attempt: Callable[[], None] = lambda: None
) -> Rejudging:
    """Judge every program of ``store`` again with today's problems and sandbox, into a new store at ``target``.

    Prompts, replies and costs are carried over; judgings, selections and the manifest are new. The store appears
    when it is whole: a part of one could not be told from a campaign whose remaining cells must be paid for.

    Raises:
        InputError: the store, a problem, the sandbox or the target cannot be used.
    """
    spec = store.campaign.spec
    problems = check(spec)
    differences: list[Difference] = []
    unscored = 0
    with _new_folder(target) as part, Judge(open_sandbox(sandbox or spec.sandbox, warm=spec.warm)) as judge:
        old = store.campaign.manifest
        info = judge.sandbox.describe()
        manifest = make_manifest(list(problems.values()), info, old.models, old.created_at)
        frozen = spec.model_copy(update={"sandbox": info.name})
        new = Store.create(part, frozen, manifest)
        for trajectory in store.trajectories():
            problem = problems[trajectory.cell.problem]
            differences += _rejudge(trajectory, problem, judge, on_attempt)
            unscored += sum(judging.summary.unscored for judging in _judgings(trajectory))
            trajectory.key = cell_key(trajectory.cell, frozen, problem, info)
            trajectory.problem_digest = problem.digest
            trajectory.official = info.official
            new.save(trajectory)
    return Rejudging(tuple(differences), unscored)


@contextlib.contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``target`` when all went well and vanishes otherwise."""
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise InputError(f"{target}: is not empty; name a new folder with --out")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
            part = Path(scratch) / target.name
            yield part
            part.replace(target)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror}; name another with --out") from None


def _judgings(trajectory: Trajectory) -> Iterator[Judging]:
    for attempt in trajectory.attempts:
        yield from (judging for judging in (attempt.demo, attempt.eval) if judging is not None)


def _rejudge(
    trajectory: Trajectory, problem: Problem, judge: Judge, on_attempt: Callable[[], None]
) -> list[Difference]:
    differences = []
    known: dict[tuple[str, str], Judging] = {}
    for attempt in trajectory.attempts:
        for split in SPLITS:
            old: Judging | None = getattr(attempt, split)
            if attempt.program is None or old is None:
                continue
            key = (attempt.program, split)
            new = known.get(key) or judge.judge(problem, attempt.program, problem.instances(split), split=split)
            known[key] = new
            setattr(attempt, split, new)
            if (before := _words(old)) != (now := _words(new)):
                row = (str(trajectory.cell), str(attempt.number), split, before, now)
                differences.append(Difference(row))
        on_attempt()
    if trajectory.status is Status.FINISHED:
        trajectory.selected = select(trajectory.attempts)
    return differences


def _words(judging: Judging) -> str:
    summary = judging.summary
    score = "-" if summary.qyi is None else f"{summary.qyi:.4f}"
    return f"QYI {score}, {summary.feasible}/{summary.instances} feasible"
