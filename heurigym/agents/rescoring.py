"""Scores anew: objectives stay as they were found, expert values are those of the day.

An expert value is a measuring stick that gets longer when somebody finds a better solution. Nothing has to run
again for it: qualities, summaries and the selection follow from stored objectives by arithmetic.
"""

from collections.abc import Iterator, Mapping

from heurigym.agents.trajectory import Attempt, Status, Trajectory, select
from heurigym.execution.judging import InstanceRun, Judging
from heurigym.problems.instances import SPLITS
from heurigym.scoring.quality import Direction, quality, quality_uncapped
from heurigym.scoring.summary import summarise


def rescore(trajectory: Trajectory, experts: Mapping[str, float], direction: Direction) -> Trajectory:
    """``trajectory`` with every score computed from objectives and ``experts``; itself when nothing changes by it.

    The program that represents a finished trajectory is chosen anew. Where it is the only one that ran on the eval
    split, it stays: the one that would be chosen now has no score there.

    Args:
        trajectory: what to score.
        experts: expert values by name of the instance, both splits; an instance without one is not graded.
        direction: which way objectives are better.
    """
    attempts = [_attempt(attempt, experts, direction) for attempt in trajectory.attempts]
    if all(new is old for new, old in zip(attempts, trajectory.attempts, strict=True)):
        return trajectory
    selected = trajectory.selected
    if trajectory.status is Status.FINISHED:
        chosen = select(attempts)
        if any(each.number == chosen and each.eval is not None for each in attempts):
            selected = chosen
    return trajectory.model_copy(update={"attempts": attempts, "selected": selected})


def rescore_judging(judging: Judging, experts: Mapping[str, float], direction: Direction) -> Judging:
    """``judging`` with every score computed from objectives and ``experts``; itself when nothing changes by it."""
    runs = tuple(_run(run, experts.get(run.instance), direction) for run in judging.runs)
    summary = summarise([run.score for run in runs], graded=bool(experts))
    if summary == judging.summary and all(new is old for new, old in zip(runs, judging.runs, strict=True)):
        return judging
    return judging.model_copy(update={"runs": runs, "summary": summary})


def count_changed(before: Trajectory, after: Trajectory) -> int:
    """The runs of a trajectory whose expert value differs between two scorings of it."""
    pairs = zip(_runs(before), _runs(after), strict=True)
    return sum(old.baseline != new.baseline for old, new in pairs)


def _runs(trajectory: Trajectory) -> Iterator[InstanceRun]:
    for attempt in trajectory.attempts:
        for judging in (attempt.demo, attempt.eval):
            yield from judging.runs if judging is not None else ()


def _attempt(attempt: Attempt, experts: Mapping[str, float], direction: Direction) -> Attempt:
    changes: dict[str, Judging] = {}
    for split in SPLITS:
        old: Judging | None = getattr(attempt, split)
        if old is not None and (new := rescore_judging(old, experts, direction)) is not old:
            changes[split] = new
    return attempt.model_copy(update=changes) if changes else attempt


def _run(run: InstanceRun, expert: float | None, direction: Direction) -> InstanceRun:
    capped = uncapped = None
    if run.objective is not None and expert is not None:
        capped = quality(run.objective, expert, direction)
        uncapped = quality_uncapped(run.objective, expert, direction)
    if (run.baseline, run.quality, run.quality_uncapped) == (expert, capped, uncapped):
        return run
    return run.model_copy(update={"baseline": expert, "quality": capped, "quality_uncapped": uncapped})
