"""The numbers that a board keeps of a trajectory."""

from collections.abc import Iterator, Sequence

from heurigym.agents.trajectory import Attempt, Cell, Status, Trajectory
from heurigym.board.records import Curve, Facts, Runs, Spending, StageTable
from heurigym.execution.judging import InstanceRun


def facts_of(identifier: str, trajectory: Trajectory) -> Facts:
    """The numbers of ``trajectory``."""
    attempts = trajectory.attempts
    chosen = next((each for each in attempts if each.number == trajectory.selected), None)
    state, note = _state(trajectory, chosen)
    scored = state == "scored"
    runs = Runs.of(chosen.eval) if scored and chosen and chosen.program is not None and chosen.eval else None
    curve = _curve(attempts)
    judged = all(each.program is None or each.eval is not None for each in attempts)
    return Facts(
        id=identifier,
        sample=trajectory.cell.sample,
        state=state,
        note=note,
        attempts=len(attempts),
        selected=trajectory.selected,
        runs=runs,
        stages=StageTable.of([each.eval if each.program is not None else None for each in attempts])
        if judged
        else None,
        oracle=curve.oracle[-1] if scored and curve.oracle else None,
        curve=curve,
        spending=_spending(trajectory),
    )


def unread(identifier: str, cell: Cell, damage: str) -> Facts:
    """The numbers of a trajectory that cannot be read: none."""
    nothing = Spending(0.0, False, 0, 0, 0, 0.0, 0.0, 0.0)
    return Facts(identifier, cell.sample, "failed", damage, 0, None, None, None, None, Curve((), (), ()), nothing)


def runs_of(trajectory: Trajectory) -> Iterator[InstanceRun]:
    """Every execution of every attempt, on both splits."""
    for attempt in trajectory.attempts:
        for judging in (attempt.demo, attempt.eval):
            if judging is not None:
                yield from judging.runs


def _state(trajectory: Trajectory, chosen: Attempt | None) -> tuple[str, str]:
    """How far a trajectory is, and why it is not scored.

    A finished trajectory without any program is scored: the model had its attempts and delivered nothing.
    """
    if trajectory.status is Status.RUNNING:
        return "running", "still running"
    if trajectory.status is Status.FAILED:
        return "failed", trajectory.error or "failed"
    if all(attempt.program is None for attempt in trajectory.attempts):
        return "scored", "no attempt delivered a program"
    if chosen is None:
        return "unjudged", "no program was judged on the demo split"
    if chosen.program is not None and chosen.eval is None:
        return "unjudged", "the selected program was not judged on the eval split"
    return "scored", ""


def _eval_qyi(attempt: Attempt) -> float | None:
    if attempt.program is None:
        return 0.0
    return None if attempt.eval is None else attempt.eval.summary.qyi


def _curve(attempts: Sequence[Attempt]) -> Curve:
    demo: list[float | None] = []
    selected: list[float | None] = []
    oracle: list[float | None] = []
    chosen: Attempt | None = None
    best: float | None = 0.0
    for attempt in attempts:
        if attempt.demo is not None and (chosen is None or attempt.merit > chosen.merit):
            chosen = attempt
        value = _eval_qyi(attempt)
        best = None if best is None or value is None else max(best, value)
        demo.append(0.0 if chosen is None or chosen.demo is None else chosen.demo.summary.qyi)
        selected.append(0.0 if chosen is None else _eval_qyi(chosen))
        oracle.append(best)
    return Curve(tuple(demo), tuple(selected), tuple(oracle))


def _spending(trajectory: Trajectory) -> Spending:
    replies = [attempt.reply for attempt in trajectory.attempts if attempt.reply is not None]
    runs = list(runs_of(trajectory))
    return Spending(
        cost_usd=float(trajectory.cost_usd),
        priced=all(reply.cost_usd is not None for reply in replies),
        calls=len(replies),
        input_tokens=sum(reply.usage.input_tokens for reply in replies),
        output_tokens=sum(reply.usage.output_tokens for reply in replies),
        model_s=sum(reply.latency_s for reply in replies),
        wall_s=sum(run.wall_s for run in runs),
        cpu_s=sum(run.cpu_s for run in runs),
    )
