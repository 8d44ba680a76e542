"""Whether a stored trajectory agrees with itself and with the local problem, without running anything."""

import math
from collections.abc import Iterator

from heurigym.agents.extraction import extract_program
from heurigym.agents.trajectory import Attempt, Trajectory, select
from heurigym.board.differences import Difference, Kind
from heurigym.execution.judging import InstanceRun, Judging, sha256
from heurigym.models.protocol import Reply
from heurigym.problems.instances import SPLITS, Split
from heurigym.problems.problem import Problem
from heurigym.scoring.quality import quality, quality_uncapped
from heurigym.scoring.summary import Summary, summarise

_ROUNDING = 1e-9
"""Numbers that are computed from the same values agree to this, relative to 1 or to themselves."""


def check_trajectory(trajectory: Trajectory, problem: Problem) -> Iterator[Difference]:
    """Every stored number that does not follow from what else is stored."""
    cell = str(trajectory.cell)
    if trajectory.problem_digest != problem.digest:
        yield Difference(
            kind=Kind.DIGEST,
            where=f"{cell}, digest of the problem",
            stored=trajectory.problem_digest[:12],
            found=problem.digest[:12],
        )
    for position, attempt in enumerate(trajectory.attempts):
        where = f"{cell}, attempt {attempt.number}"
        if attempt.number != position:
            yield Difference(kind=Kind.MISSING, where=f"{where}: attempt {position} should be in its place")
        yield from _check_program(attempt, where)
        for split in SPLITS:
            judging = getattr(attempt, split)
            if judging is not None:
                yield from _check_judging(judging, split, attempt, problem, f"{where}, {split}")
    chosen = select(trajectory.attempts)
    if trajectory.selected != chosen:
        yield Difference(
            kind=Kind.SELECTION,
            where=f"{cell}, selected attempt",
            stored=str(trajectory.selected),
            found=str(chosen),
        )


def _check_program(attempt: Attempt, where: str) -> Iterator[Difference]:
    program = attempt.program
    digest = None if program is None else sha256(program)
    if attempt.program_sha256 != digest:
        yield Difference(
            kind=Kind.PROGRAM,
            where=f"{where}, digest of the program",
            stored=str(attempt.program_sha256)[:12],
            found=str(digest)[:12],
        )
    for split in SPLITS:
        judging = getattr(attempt, split)
        if judging is not None and program is not None and judging.program_sha256 != digest:
            yield Difference(
                kind=Kind.PROGRAM,
                where=f"{where}, {split}: judged another program",
                stored=judging.program_sha256[:12],
                found=str(digest)[:12],
            )
        elif judging is not None and program is None:
            yield Difference(
                kind=Kind.PROGRAM,
                where=f"{where}, {split}: there is no program",
                stored=judging.program_sha256[:12],
                found="none",
            )
    if program is not None and program.strip() not in _held(attempt.reply):
        yield Difference(
            kind=Kind.PROGRAM,
            where=f"{where}: the program is not in the reply",
            stored=str(digest)[:12],
        )
    called = () if attempt.reply is None else attempt.reply.tool_calls
    if attempt.tools and tuple(use.call for use in attempt.tools) != called:
        yield Difference(
            kind=Kind.PROGRAM,
            where=f"{where}: the tools that were used are not those that the reply calls",
            stored=f"{len(attempt.tools)} uses",
            found=f"{len(called)} calls",
        )


def _held(reply: Reply | None) -> set[str]:
    """The programs that a reply holds: the one in its text, and those that it calls tools with."""
    if reply is None:
        return set()
    texts = [
        extract_program(reply.text),
        *(value for call in reply.tool_calls for value in call.arguments.values()),
    ]
    return {text.strip() for text in texts if isinstance(text, str)}


def _check_judging(
    judging: Judging, split: Split, attempt: Attempt, problem: Problem, where: str
) -> Iterator[Difference]:
    if judging.split != split or judging.problem != problem.name:
        yield Difference(
            kind=Kind.INSTANCES,
            where=f"{where}: judged on something else",
            stored=f"{judging.problem}, {judging.split}",
            found=f"{problem.name}, {split}",
        )
    expected = [instance.name for instance in problem.instances(split)]
    names = [run.instance for run in judging.runs]
    if attempt.program is not None and sorted(names) != sorted(expected):
        missing = sorted(set(expected) - set(names))
        added = sorted(set(names) - set(expected))
        yield Difference(
            kind=Kind.INSTANCES,
            where=f"{where}: missing {', '.join(missing) or 'none'}, added {', '.join(added) or 'none'}",
            stored=f"{len(names)} runs",
            found=f"{len(expected)} instances",
        )
    for run in judging.runs:
        yield from _check_run(run, problem, f"{where}, {run.instance}")
    graded = any(run.baseline is not None for run in judging.runs)
    again = summarise([run.score for run in judging.runs], graded=graded)
    yield from _check_summary(judging.summary, again, where)


def _check_run(run: InstanceRun, problem: Problem, where: str) -> Iterator[Difference]:
    if run.stage != run.outcome.stage:
        yield _unequal(f"{where}, stage", run.stage, run.outcome.stage)
    expert = run.baseline
    capped = uncapped = None
    if run.objective is not None and expert is not None:
        direction = problem.spec.objective.direction
        capped = quality(run.objective, expert, direction)
        uncapped = quality_uncapped(run.objective, expert, direction)
    for name, stored, found in (
        ("quality", run.quality, capped),
        ("quality_uncapped", run.quality_uncapped, uncapped),
    ):
        if not _same(stored, found):
            yield _unequal(f"{where}, {name}", stored, found)


def _check_summary(stored: Summary, found: Summary, where: str) -> Iterator[Difference]:
    for name in type(stored).model_fields:
        mine, theirs = getattr(found, name), getattr(stored, name)
        if not _same(theirs, mine):
            yield _unequal(f"{where}, {name.rstrip('_')} of the summary", theirs, mine)


def _unequal(where: str, stored: float | None, found: float | None) -> Difference:
    amount = None if stored is None or found is None else float(stored) - float(found)
    return Difference(kind=Kind.SCORE, where=where, stored=str(stored), found=str(found), amount=amount)


def _same(stored: float | None, found: float | None) -> bool:
    if stored is None or found is None:
        return stored is found
    return stored == found or math.isclose(stored, found, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
