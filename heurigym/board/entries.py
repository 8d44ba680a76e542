"""Verifies an entry: re-judges every program of a store here, recomputes every score, and says what differs.

What is exact and what is not. Everything that follows from stored values (digests, qualities, summaries, the
selection) must follow exactly. A program that is re-judged must end as stored, with the same objective; where it
does not, it is run again, up to ``tries`` times in all:

- one of the runs gives what is stored: the program varies from run to run, and this is reported, not held against
  the entry;
- the runs differ from each other, or a time limit is in play: the stored objective must lie within ``tolerance``
  (relative) of the range of the runs, or of a stored or found time-out by less than half the limit;
- the runs agree with each other and not with what is stored: the entry is wrong.

Whatever varies, the QYI that is found for a trajectory must be within ``tolerance`` of the stored one.

Not provable from a store: that a reply came from the model it names, and that no other samples were made and thrown
away. A board shows entries as verified in what was verified.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from heurigym.agents.trajectory import Status, Trajectory
from heurigym.board.consistency import check_trajectory
from heurigym.board.differences import Difference, EntryReport, Kind, ScoreCheck
from heurigym.campaigns.store import Store
from heurigym.errors import InputError
from heurigym.execution.judging import InstanceRun, Judge, Judging
from heurigym.problems.instances import SPLITS, Split
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem, find_problem
from heurigym.scoring.summary import summarise

TRIES = 3
"""Runs of a program on an instance before a difference is believed."""

TOLERANCE = 0.02
"""How far, relatively, a varying objective may lie outside what is found; absolutely, how far a QYI may."""

_LIMITED = (Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY)
_NEAR_LIMIT = 0.5

OnProgress = Callable[[str], None]


def verify_entry(
    folder: Path,
    judge: Judge,
    *,
    find: Callable[[str], Problem] = find_problem,
    tries: int = TRIES,
    tolerance: float = TOLERANCE,
    on_progress: OnProgress | None = None,
) -> EntryReport:
    """Verify the store in ``folder``.

    Args:
        folder: the entry.
        judge: what re-judges; its sandbox must be of the same make as the entry's.
        find: where local problems are found.
        tries: runs before a difference is believed.
        tolerance: see the module's text.
        on_progress: called with a line on each step.

    Raises:
        InputError: the folder is not a store, or a local problem is broken.
    """
    store = Store.open(folder)
    verification = _Verification(store, judge, find, tries, tolerance, on_progress or (lambda line: None))
    verification.run()
    return EntryReport(
        entry=folder.resolve().name,
        trajectories=verification.trajectories,
        programs=len(verification.programs),
        runs=verification.runs,
        differences=tuple(verification.differences),
        scores=tuple(verification.scores),
    )


@dataclass
class _Verification:
    store: Store
    judge: Judge
    find: Callable[[str], Problem]
    tries: int
    tolerance: float
    report: OnProgress
    trajectories: int = 0
    runs: int = 0
    programs: set[tuple[str, str]] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    scores: list[ScoreCheck] = field(default_factory=list)

    def run(self) -> None:
        self.differences += self._check_versions()
        problems: dict[str, Problem] = {}
        for name in self.store.campaign.spec.problem_names:
            try:
                # A path could lead to a verifier that came with the entry; what is left of it is a name.
                if Path(name).name != name or name.startswith("."):
                    raise InputError("an entry names problems that are known here, never a path")
                problems[name] = self.find(name)
            except InputError as error:
                self.differences.append(Difference(kind=Kind.DIGEST, where=f"problem {name}", found=str(error)))
                continue
            stored, found = self.store.campaign.manifest.problems.get(name, "none"), problems[name].digest
            if stored != found:
                self.differences.append(
                    Difference(kind=Kind.DIGEST, where=f"problem {name}", stored=stored[:12], found=found[:12])
                )
        self.differences += self._check_files()
        for cell in self.store.campaign.spec.cells():
            try:
                trajectory = self.store.load(cell)
            except InputError as error:
                self.differences.append(
                    Difference(kind=Kind.DAMAGED, where=str(cell), found=_plain(error, self.store))
                )
                continue
            if trajectory is None:
                self.differences.append(Difference(kind=Kind.MISSING, where=f"{cell}: its trajectory"))
            elif trajectory.cell != cell:
                self.differences.append(
                    Difference(kind=Kind.UNEXPECTED, where=str(cell), stored=str(trajectory.cell))
                )
            elif cell.problem in problems:
                self.trajectories += 1
                self._verify(trajectory, problems[cell.problem])

    def _check_versions(self) -> Iterator[Difference]:
        manifest = self.store.campaign.manifest
        here = self.judge.sandbox.describe()
        if not manifest.sandbox.get("official"):
            yield Difference(
                kind=Kind.VERSION,
                where="sandbox",
                stored=f"{manifest.sandbox.get('name')}, unofficial",
                found="official",
            )
        theirs = {"python": _minor(manifest.sandbox.get("python")), **dict(manifest.sandbox.get("packages") or {})}
        mine = {"python": _minor(here.python), **here.packages}
        for name in sorted(theirs.keys() | mine.keys()):
            if theirs.get(name) != mine.get(name):
                yield Difference(
                    kind=Kind.VERSION,
                    where=f"{name} in the sandbox",
                    stored=str(theirs.get(name)),
                    found=str(mine.get(name)),
                )

    def _check_files(self) -> Iterator[Difference]:
        folder = self.store.folder
        expected = {self.store.path(cell) for cell in self.store.campaign.spec.cells()}
        for path in sorted((folder / "trajectories").rglob("*")):
            if path.is_file() and path not in expected:
                yield Difference(kind=Kind.UNEXPECTED, where=str(path.relative_to(folder)))

    def _verify(self, trajectory: Trajectory, problem: Problem) -> None:
        cell = trajectory.cell
        self.report(str(cell))
        if trajectory.status is not Status.FINISHED:
            self.differences.append(
                Difference(
                    kind=Kind.MISSING, where=f"{cell}: its end", stored=trajectory.status.value, found="finished"
                )
            )
            return
        if trajectory.official != bool(self.store.campaign.manifest.sandbox.get("official")):
            self.differences.append(
                Difference(kind=Kind.VERSION, where=f"{cell}: official", stored=str(trajectory.official))
            )
        self.differences += check_trajectory(trajectory, problem)
        found_qyi: float | None = 0.0
        stored_qyi: float | None = 0.0
        for attempt in trajectory.attempts:
            if attempt.program is None:
                continue
            self.programs.add((problem.name, attempt.program))
            for split in SPLITS:
                stored: Judging | None = getattr(attempt, split)
                chosen = attempt.number == trajectory.selected
                if stored is None:
                    if split == "demo" or chosen:
                        where = f"{cell}, attempt {attempt.number}, {split}: its judging"
                        self.differences.append(Difference(kind=Kind.MISSING, where=where))
                    continue
                where = f"{cell}, attempt {attempt.number}, {split}"
                found = self._rejudge(problem, attempt.program, split, stored, where)
                if split == "eval" and chosen:
                    stored_qyi, found_qyi = stored.summary.qyi, found
        self._check_score(trajectory, stored_qyi, found_qyi)

    def _check_score(self, trajectory: Trajectory, stored: float | None, found: float | None) -> None:
        cell = trajectory.cell
        self.scores.append(
            ScoreCheck(
                problem=cell.problem,
                model=cell.model,
                strategy=cell.strategy,
                sample=cell.sample,
                stored_qyi=stored,
                found_qyi=found,
            )
        )
        if stored is None or found is None or abs(stored - found) <= self.tolerance:
            return
        self.differences.append(
            Difference(
                kind=Kind.SCORE,
                where=f"{cell}, QYI on the eval split",
                stored=f"{stored:.6f}",
                found=f"{found:.6f}",
                amount=stored - found,
            )
        )

    def _rejudge(self, problem: Problem, program: str, split: Split, stored: Judging, where: str) -> float | None:
        """Re-judge, compare run by run, and give back the QYI that was found."""
        instances = {instance.name: instance for instance in problem.instances(split)}
        first = self.judge.judge(problem, program, tuple(instances.values()), split=split)
        found = {run.instance: [run] for run in first.runs}
        pairs = [(run, found[run.instance]) for run in stored.runs if run.instance in found]
        self.runs += len(pairs)
        for _ in range(self.tries - 1):
            open_names = [run.instance for run, runs in pairs if not any(_agree(run, each) for each in runs)]
            if not open_names:
                break
            again = self.judge.judge(problem, program, [instances[name] for name in open_names], split=split)
            for run in again.runs:
                found[run.instance].append(run)
        for run, runs in pairs:
            difference = self._compare(run, runs, problem, f"{where}, {run.instance}")
            if difference is not None:
                self.differences.append(difference)
        return summarise([run.score for run in first.runs], graded=bool(problem.baselines)).qyi

    def _compare(
        self, stored: InstanceRun, found: Sequence[InstanceRun], problem: Problem, where: str
    ) -> Difference | None:
        if _agree(stored, found[0]):
            return None
        last = found[-1]
        amount = None
        if stored.objective is not None and last.objective is not None:
            amount = float(stored.objective) - float(last.objective)
        kind, fatal = self._judge_difference(stored, found, problem)
        return Difference(
            kind=kind, where=where, stored=_shown(stored), found=_shown(last), amount=amount, fatal=fatal
        )

    def _judge_difference(
        self, stored: InstanceRun, found: Sequence[InstanceRun], problem: Problem
    ) -> tuple[Kind, bool]:
        if Outcome.HARNESS_ERROR in (stored.outcome, *(run.outcome for run in found)):
            return Kind.UNVERIFIED, stored.outcome is not Outcome.HARNESS_ERROR
        if any(_agree(stored, run) for run in found):
            return Kind.VARIES, False
        if any(run.outcome is not stored.outcome for run in found):
            near = problem.spec.limits.time_s * _NEAR_LIMIT
            limited = any(run.outcome in _LIMITED for run in (stored, *found))
            close = all(
                run.charged_s >= near for run in (stored, *found) if run.outcome is not Outcome.OUT_OF_MEMORY
            )
            if limited and close:
                return Kind.VARIES, False
            return Kind.VERDICT, True
        values = [float(run.objective) for run in found if run.objective is not None]
        if stored.objective is not None and len(set(values)) > 1:
            slack = self.tolerance * max(abs(value) for value in values)
            if min(values) - slack <= stored.objective <= max(values) + slack:
                return Kind.VARIES, False
        return Kind.OBJECTIVE, True


def _minor(version: object) -> str:
    """A Python version without its patch level, which changes no program's meaning."""
    return ".".join(str(version).split(".")[:2])


def _agree(stored: InstanceRun, found: InstanceRun) -> bool:
    return stored.outcome is found.outcome and stored.objective == found.objective


def _shown(run: InstanceRun) -> str:
    return str(run.outcome) if run.objective is None else f"{run.outcome} {run.objective}"


def _plain(error: InputError, store: Store) -> str:
    return str(error).removeprefix(f"{store.folder}/")
