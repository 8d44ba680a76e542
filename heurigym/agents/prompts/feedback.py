"""One demonstration instance in the feedback: outcome, objective, gap, time, message, standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

from heurigym.execution.judging import InstanceRun, Judging
from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits
from heurigym.scoring.quality import Direction, is_worse

_STDERR_SHOWN = 1500
_MESSAGE_SHOWN = 1000


@dataclass(frozen=True)
class Result:
    """What the model is told about one instance.

    Attributes:
        instance: its name.
        line: outcome, objective, gap and time in one line.
        detail: end of the standard error of a program that failed.
    """

    instance: str
    line: str
    detail: str = ""


def describe_run(
    run: InstanceRun, earlier: Sequence[Judging], direction: Direction, limits: Limits, *, show_expert: bool
) -> Result:
    """What the model is told about ``run``; ``earlier`` are the judgings of the attempts before it."""
    time = f"{run.charged_s:.1f} s of {limits.time_s:g} s"
    if run.outcome is Outcome.FEASIBLE and run.objective is not None:
        parts = [f"feasible, objective {run.objective:.12g}"]
        if (best := _best_before(run.instance, earlier, direction)) is not None:
            parts.append(_gap(run.objective, best, direction))
        if show_expert and run.baseline is not None:
            parts.append(f"expert {run.baseline:.12g}")
        return Result(run.instance, ", ".join([*parts, time]))
    if run.outcome is Outcome.HARNESS_ERROR:
        return Result(run.instance, "could not be judged, by no fault of the program")
    words = run.outcome.value.replace("_", " ")
    message = f": {run.message[:_MESSAGE_SHOWN]}" if run.message else ""
    failed = run.outcome in (Outcome.CRASHED, Outcome.OUT_OF_MEMORY, Outcome.NO_OUTPUT)
    return Result(run.instance, f"{words} ({time}){message}", run.stderr.strip()[-_STDERR_SHOWN:] if failed else "")


def _best_before(instance: str, earlier: Sequence[Judging], direction: Direction) -> float | None:
    objectives = [
        run.objective
        for judging in earlier
        for run in judging.runs
        if run.instance == instance and run.outcome is Outcome.FEASIBLE and run.objective is not None
    ]
    if not objectives:
        return None
    return min(objectives) if direction == "minimize" else max(objectives)


def _gap(objective: float, best: float, direction: Direction) -> str:
    if objective == best:
        return f"the same as your best so far ({best:.12g})"
    share = f" by {abs(objective - best) / abs(best):.1%}" if best else ""
    word = "worse" if is_worse(objective, best, direction) else "better"
    return f"{word} than your best so far ({best:.12g}){share}"
