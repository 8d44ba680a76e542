"""Reads one trajectory into what a board keeps of it: numbers and names, scored by the expert values of the day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heurigym.agents.rescoring import count_changed, rescore
from heurigym.agents.trajectory import Attempt, Cell, Status, Trajectory, select
from heurigym.board.columns import ATTEMPTS
from heurigym.board.facts import facts_of, runs_of
from heurigym.board.records import Facts
from heurigym.board.references import FindReference
from heurigym.campaigns.store import Store


@dataclass(frozen=True, slots=True)
class Reading:
    """What a board keeps of one trajectory.

    Attributes:
        facts: its numbers.
        digest: digest of the problem's version.
        official: whether programs ran in a sandbox that official scores may come from.
        is_script: whether the model is a script or a replay.
        experts: the expert values it was scored by, where they are not those of the day; else empty.
        rescored: whether it was stored with other expert values.
        note: what a reader should know of it, or nothing.
        attempts: rows of ``attempts.csv``, in the order of its columns; the digest is left to the board.
    """

    facts: Facts
    digest: str
    official: bool
    is_script: bool
    experts: Mapping[str, float]
    rescored: bool
    note: str
    attempts: tuple[tuple[Any, ...], ...]


OnTrajectory = Callable[[str, Trajectory], None]
"""Called with the identifier and the content of every trajectory that is read, scored by today's expert values."""


@dataclass(slots=True)
class Reader:
    """Reads trajectories, each file again only when it changed.

    Attributes:
        find: where expert values are found.
        remember: whether what was read is kept for the next time; what is kept holds no texts.
        reads: files that were read so far.
    """

    find: FindReference
    remember: bool = False
    reads: int = 0
    _known: dict[Path, tuple[tuple[int, ...], Reading]] = field(default_factory=dict)

    def read(self, store: Store, cell: Cell, identifier: str, on_trajectory: OnTrajectory) -> Reading | None:
        """What is stored of ``cell``, if it has begun.

        Raises:
            InputError: it is damaged, or a newer version of HeuriGym wrote it.
        """
        path = store.path(cell)
        try:
            status = path.stat()
        except OSError:
            return None
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._known.get(path)
        if known is not None and known[0] == stamp and known[1].facts.id == identifier:
            return known[1]
        trajectory = store.load(cell)
        if trajectory is None:
            return None
        self.reads += 1
        reference = self.find(trajectory.cell.problem, trajectory.problem_digest)
        scored = trajectory if reference is None else rescore(trajectory, reference.experts, reference.direction)
        reading = Reading(
            facts=facts_of(identifier, scored),
            digest=trajectory.problem_digest,
            official=trajectory.official,
            is_script=trajectory.is_script,
            experts={} if reference else _experts(trajectory),
            rescored=bool(count_changed(trajectory, scored)),
            note=_note(trajectory, scored),
            attempts=tuple(_attempt_row(identifier, scored, attempt) for attempt in scored.attempts),
        )
        on_trajectory(identifier, scored)
        if self.remember:
            self._known[path] = (stamp, reading)
        return reading


def _note(trajectory: Trajectory, scored: Trajectory) -> str:
    if scored is not trajectory and not count_changed(trajectory, scored):
        return "stored scores do not follow from its objectives; verify this entry"
    if trajectory.status is Status.FINISHED and trajectory.selected != select(trajectory.attempts):
        return "the selected program is not the best by demo score; verify this entry"
    return ""


def _experts(trajectory: Trajectory) -> dict[str, float]:
    return {run.instance: run.baseline for run in runs_of(trajectory) if run.baseline is not None}


def _attempt_row(identifier: str, trajectory: Trajectory, attempt: Attempt) -> tuple[Any, ...]:
    reply = attempt.reply
    demo = attempt.demo.summary if attempt.demo else None
    evaluated = attempt.eval.summary if attempt.eval else None
    row = {
        "problem": trajectory.cell.problem,
        "digest": None,
        "model": trajectory.cell.model,
        "strategy": trajectory.cell.strategy,
        "sample": trajectory.cell.sample,
        "trajectory": identifier,
        "attempt": attempt.number,
        "selected": attempt.number == trajectory.selected,
        "program_sha256": attempt.program_sha256,
        "finish": reply.finish.value if reply else None,
        "demo_yield": demo.yield_ if demo else None,
        "demo_qyi": demo.qyi if demo else None,
        "eval_yield": evaluated.yield_ if evaluated else None,
        "eval_quality": evaluated.quality if evaluated else None,
        "eval_qyi": evaluated.qyi if evaluated else None,
        "input_tokens": reply.usage.input_tokens if reply else None,
        "output_tokens": reply.usage.output_tokens if reply else None,
        "cost_usd": reply.cost_usd if reply else None,
        "latency_s": reply.latency_s if reply else None,
        "started_at": attempt.started_at,
    }
    return tuple(row[column.name] for column in ATTEMPTS)
