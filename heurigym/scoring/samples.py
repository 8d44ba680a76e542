"""What statistics are computed from: the scores of one trajectory on the instances of one problem, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
AnyFloats: TypeAlias = NDArray[np.floating[Any]]
"""Replicates are kept in 32 bits: they are only ever sorted and subtracted."""

Flags: TypeAlias = NDArray[np.bool_]
Stages: TypeAlias = NDArray[np.int8]

UNSCORED_STAGE = -1
"""In an array of stages: the harness failed, so nothing is known."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One trajectory of a (problem, model, strategy), scored on the eval split. Arrays run over its N instances.

    Attributes:
        scored: whether the selected program's execution counts; false where the harness failed.
        feasible: whether it wrote a feasible solution.
        quality: capped quality of a feasible solution; NaN where infeasible or where no expert value is known.
        quality_uncapped: the same without the cap at 1.
        stages: highest stage that each attempt passed, attempts x N, ``UNSCORED_STAGE`` where the harness failed;
            ``None`` when not every attempt was judged on the eval split.
        oracle: best eval QYI over all attempts; ``None`` when not every attempt was judged or graded.
    """

    scored: Flags
    feasible: Flags
    quality: Floats
    quality_uncapped: Floats
    stages: Stages | None = None
    oracle: float | None = None

    def __post_init__(self) -> None:
        shape = self.scored.shape
        if any(array.shape != shape for array in (self.feasible, self.quality, self.quality_uncapped)):
            raise ValueError("scored, feasible, quality and quality_uncapped must have one value for each instance")
        if self.stages is not None and self.stages.shape[1:] != shape:
            raise ValueError("stages must be attempts x instances")
        if bool(np.any(self.feasible & ~self.scored)):
            raise ValueError("an unscored execution cannot be feasible")

    @property
    def graded(self) -> bool:
        """Whether every feasible solution has a quality, without which mean quality and QYI are unknown."""
        return not bool(np.any(self.feasible & np.isnan(self.quality)))

    @classmethod
    def nothing(cls, instances: int, attempts: int) -> "Sample":
        """A trajectory that ended without any program: nothing feasible on any instance, in any attempt."""
        none = np.zeros(instances, dtype=np.bool_)
        unknown = np.full(instances, np.nan)
        return cls(
            scored=np.ones(instances, dtype=np.bool_),
            feasible=none,
            quality=unknown,
            quality_uncapped=unknown,
            stages=np.zeros((attempts, instances), dtype=np.int8),
            oracle=0.0,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """The samples of one (problem, model, strategy).

    Attributes:
        name: what tells it from other rows of the problem; seeds the resampling of its samples.
        samples: its scored trajectories, in any order.
        attempts: attempts that each trajectory was allowed.
    """

    name: str
    samples: Sequence[Sample]
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one problem, all on the same instances.

    Attributes:
        problem: what tells the problem, in this version, from others; seeds the resampling of its instances.
        instances: names of the instances, in the order of the samples' arrays.
        rows: what is compared; a row without samples is left out of every statistic.
    """

    problem: str
    instances: Sequence[str]
    rows: Sequence[Row] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        for row in self.rows:
            if any(len(sample.scored) != len(self.instances) for sample in row.samples):
                raise ValueError(
                    f"{self.problem}: every sample of {row.name} needs {len(self.instances)} instances"
                )
