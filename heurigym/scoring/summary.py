"""Yield, quality and the Quality-Yield Index over the instances of one problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from pydantic import BaseModel, ConfigDict, Field

from heurigym.problems.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Score:
    """What one execution is worth.

    Attributes:
        outcome: how it ended.
        quality: quality of a feasible solution with a known expert value, else ``None``.
        quality_uncapped: the same without the cap at 1.
    """

    outcome: Outcome
    quality: float | None = None
    quality_uncapped: float | None = None


class Summary(BaseModel):
    """Scores over the instances of one problem."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    instances: int = Field(description="instances that were scored")
    unscored: int = Field(0, description="instances on which the harness failed; they count for nothing")
    feasible: int = Field(description="instances with a feasible solution")
    yield_: float = Field(alias="yield", description="feasible / instances")
    quality: float | None = Field(description="mean quality over feasible instances; null without expert values")
    quality_uncapped: float | None = Field(description="mean uncapped quality over feasible instances")
    qyi: float | None = Field(description="harmonic mean of quality and yield; null without expert values")


def summarise(scores: Sequence[Score], *, graded: bool = True) -> Summary:
    """The summary of ``scores``.

    Quality is 0 when nothing is feasible. It is null when ``graded`` is false, which means that expert values are
    not known, when the expert value of a feasible instance is missing, and when nothing could be scored.
    """
    scored = [score for score in scores if score.outcome is not Outcome.HARNESS_ERROR]
    graded = graded and bool(scored)
    feasible = [score for score in scored if score.outcome is Outcome.FEASIBLE]
    share = len(feasible) / len(scored) if scored else 0.0
    mean = _mean([score.quality for score in feasible]) if graded else None
    uncapped = _mean([score.quality_uncapped for score in feasible]) if graded else None
    return Summary(
        instances=len(scored),
        unscored=len(scores) - len(scored),
        feasible=len(feasible),
        yield_=share,
        quality=mean,
        quality_uncapped=uncapped,
        qyi=None if mean is None else qyi(mean, share),
    )


def qyi(quality: float, yield_: float, beta: float = 1.0) -> float:
    """The Quality-Yield Index ``(1 + b^2) Q Y / (b^2 Q + Y)`` (arXiv 2506.07972); 0 when both are 0."""
    weighted = beta * beta * quality + yield_
    return (1 + beta * beta) * quality * yield_ / weighted if weighted > 0 else 0.0


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    return fmean(known) if known else 0.0
