"""Verifies an entry: re-judges every program of a store here, recomputes every score, and says what differs.

What is exact and what is not. Everything that follows from stored values (digests, qualities, summaries, the
selection, prompts) must follow exactly. Programs are run again, and may vary (:mod:`heurigym.board.reruns`).

Expert values are no part of it: a board scores objectives by those of the day, whatever an entry says they were.

Whatever varies, the QYI that is found for a trajectory must be within ``tolerance`` of the stored one.

Not provable from a store: that a reply came from the model it names, and that no other samples were made and thrown
away. A board shows entries as verified in what was verified.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from heurigym.agents.rescoring import count_changed, rescore, rescore_judging
from heurigym.agents.trajectory import Status, Trajectory
from heurigym.board.consistency import check_trajectory
from heurigym.board.course import Course
from heurigym.board.differences import Difference, EntryReport, Kind, ScoreCheck
from heurigym.board.reruns import Reruns
from heurigym.campaigns.store import Store
from heurigym.errors import InputError
from heurigym.execution.judging import Judge, Judging
from heurigym.problems.instances import SPLITS
from heurigym.problems.problem import Problem, find_problem

TRIES = 3
"""Runs of a program on an instance before a difference is believed."""

TOLERANCE = 0.02
"""How far, relatively, a varying objective may lie outside what is found; absolutely, how far a QYI may."""

OnProgress = Callable[[str], None]


def verify_entry(
    folder: Path,
    judge: Judge,
    *,
    find: Callable[[str], Problem] = find_problem,
    tries: int = TRIES,
    tolerance: float = TOLERANCE,
    share: float = 1.0,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> EntryReport:
    """Verify the store in ``folder``.

    Args:
        folder: the entry.
        judge: what re-judges; its sandbox must be of the same make as the entry's.
        find: where local problems are found.
        tries: runs before a difference is believed.
        tolerance: see the module's text.
        share: share of its instances that each program runs on: 1 for a proof, less for a spot check.
        seed: seed of the choice of instances of a spot check.
        on_progress: called with a line on each step.

    Raises:
        InputError: the folder is not a store, or a local problem is broken.
    """
    store = Store.open(folder)
    verification = _Verification(
        store=store,
        judge=judge,
        find=find,
        tolerance=tolerance,
        report=on_progress or (lambda line: None),
        course=Course(store.campaign, judge.sandbox.describe()),
        reruns=Reruns(judge, tries, tolerance, share, seed),
    )
    verification.run()
    return EntryReport(
        entry=folder.resolve().name,
        trajectories=verification.trajectories,
        programs=len(verification.programs),
        runs=verification.reruns.runs,
        differences=(*verification.differences, *verification.reruns.differences),
        scores=tuple(verification.scores),
    )


@dataclass
class _Verification:
    store: Store
    judge: Judge
    find: Callable[[str], Problem]
    tolerance: float
    report: OnProgress
    course: Course
    reruns: Reruns
    trajectories: int = 0
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
            self.differences += self._check_instances(problems[name])
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

    def _check_instances(self, problem: Problem) -> Iterator[Difference]:
        """A board weighs problems by the instances that the manifest names."""
        stored = self.store.campaign.manifest.eval_instances.get(problem.name, ())
        found = [instance.name for instance in problem.instances("eval")]
        if sorted(stored) != sorted(found):
            where = f"problem {problem.name}: eval instances of the manifest"
            yield Difference(kind=Kind.INSTANCES, where=where, stored=str(len(stored)), found=str(len(found)))

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
        if trajectory.problem_digest == problem.digest:
            self.differences += self.course.check(trajectory, problem)
        stored_qyi: float | None = 0.0
        found_qyi: float | None = 0.0
        for attempt in trajectory.attempts:
            if attempt.program is None:
                continue
            self.programs.add((problem.name, attempt.program))
            chosen = attempt.number == trajectory.selected
            for split in SPLITS:
                where = f"{cell}, attempt {attempt.number}, {split}"
                stored: Judging | None = getattr(attempt, split)
                if stored is None:
                    if split == "demo" or chosen:
                        self.differences.append(Difference(kind=Kind.MISSING, where=f"{where}: its judging"))
                    continue
                found = self.reruns.compare(problem, attempt.program, split, stored, where)
                if split == "eval" and chosen:
                    stored_qyi, found_qyi = stored.summary.qyi, _by_experts_of(stored, found, problem).summary.qyi
        self._check_score(trajectory, problem, stored_qyi, found_qyi)

    def _check_score(
        self, trajectory: Trajectory, problem: Problem, stored: float | None, found: float | None
    ) -> None:
        cell = trajectory.cell
        today = rescore(trajectory, problem.experts, problem.spec.objective.direction)
        selected = next((each for each in today.attempts if each.number == today.selected), None)
        self.scores.append(
            ScoreCheck(
                problem=cell.problem,
                model=cell.model,
                strategy=cell.strategy,
                sample=cell.sample,
                stored_qyi=stored,
                found_qyi=found,
                today_qyi=selected.eval.summary.qyi if selected and selected.eval else stored,
            )
        )
        if changed := count_changed(trajectory, today):
            self.differences.append(
                Difference(
                    kind=Kind.REFERENCE,
                    where=f"{cell}: {changed} runs were scored by other expert values; QYI then and today",
                    stored=_shown(stored),
                    found=_shown(self.scores[-1].today_qyi),
                    fatal=False,
                )
            )
        if stored is not None and found is not None and abs(stored - found) > self.tolerance:
            self.differences.append(
                Difference(
                    kind=Kind.SCORE,
                    where=f"{cell}, QYI on the eval split",
                    stored=_shown(stored),
                    found=_shown(found),
                    amount=stored - found,
                )
            )


def _by_experts_of(stored: Judging, found: Judging, problem: Problem) -> Judging:
    """``found`` as if judged when ``stored`` was, by the expert values of then."""
    experts = {run.instance: run.baseline for run in stored.runs if run.baseline is not None}
    return rescore_judging(found, experts, problem.spec.objective.direction)


def _shown(qyi: float | None) -> str:
    return "none" if qyi is None else f"{qyi:.6f}"


def _minor(version: object) -> str:
    """A Python version without its patch level, which changes no program's meaning."""
    return ".".join(str(version).split(".")[:2])


def _plain(error: InputError, store: Store) -> str:
    return str(error).removeprefix(f"{store.folder}/")
