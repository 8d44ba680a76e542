"""What a board keeps of each trajectory: numbers and names, no texts, so that memory stays small."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurigym.execution.judging import Judging
from heurigym.problems.outcome import Outcome
from heurigym.scoring.samples import UNSCORED_STAGE

OUTCOMES = tuple(Outcome)
"""Outcomes by the code that arrays hold."""

_CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides the meaning of a row; trajectories that differ in any of it are never averaged.

    Attributes:
        model: name of the model.
        strategy: name of the strategy, as results call it.
        official: whether programs ran in a sandbox that official scores may come from.
        is_script: whether the model is a script or a replay.
        details: everything else: iterations, sampling settings, options of the strategy, guest packages.
    """

    model: str
    strategy: str
    official: bool
    is_script: bool
    details: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls, model: str, strategy: str, *, official: bool, is_script: bool, details: Mapping[str, Any]
    ) -> "Setting":
        """A setting with details as JSON, so that equal ones compare equal."""
        texts = tuple(sorted((name, json.dumps(value, sort_keys=True)) for name, value in details.items()))
        return cls(model, strategy, official, is_script, texts)


@dataclass(frozen=True, slots=True)
class Runs:
    """A judging as arrays over its instances.

    Attributes:
        names: names of the instances.
        outcome: codes of outcomes, positions in ``OUTCOMES``.
        objective: objectives; NaN where there is none. So for the other numbers.
        baseline: the expert's objectives.
        quality: capped qualities.
        quality_uncapped: uncapped qualities.
        wall_s: seconds of wall time.
        cpu_s: seconds of CPU time.
    """

    names: tuple[str, ...]
    outcome: NDArray[np.int8]
    objective: NDArray[np.float64]
    baseline: NDArray[np.float64]
    quality: NDArray[np.float64]
    quality_uncapped: NDArray[np.float64]
    wall_s: NDArray[np.float32]
    cpu_s: NDArray[np.float32]

    @classmethod
    def of(cls, judging: Judging) -> "Runs":
        """The runs of ``judging``."""

        def numbers(values: list[float | int | None]) -> NDArray[np.float64]:
            return np.array([np.nan if value is None else float(value) for value in values])

        runs = judging.runs
        return cls(
            names=tuple(run.instance for run in runs),
            outcome=np.array([_CODES[run.outcome] for run in runs], dtype=np.int8),
            objective=numbers([run.objective for run in runs]),
            baseline=numbers([run.baseline for run in runs]),
            quality=numbers([run.quality for run in runs]),
            quality_uncapped=numbers([run.quality_uncapped for run in runs]),
            wall_s=np.array([run.wall_s for run in runs], dtype=np.float32),
            cpu_s=np.array([run.cpu_s for run in runs], dtype=np.float32),
        )


@dataclass(frozen=True, slots=True)
class StageTable:
    """The stage that each attempt of a trajectory passed on each eval instance.

    Attributes:
        names: names of the instances.
        stages: attempts x instances; -1 where the harness failed, 0 throughout for an attempt without a program.
    """

    names: tuple[str, ...]
    stages: NDArray[np.int8]

    @classmethod
    def of(cls, judgings: Sequence[Judging | None]) -> "StageTable":
        """The stages of attempts, ``None`` for one without a program."""
        names = tuple(dict.fromkeys(run.instance for judging in judgings if judging for run in judging.runs))
        place = {name: index for index, name in enumerate(names)}
        stages = np.zeros((len(judgings), len(names)), dtype=np.int8)
        for number, judging in enumerate(judgings):
            if judging is None:
                continue
            stages[number] = UNSCORED_STAGE
            for run in judging.runs:
                if run.outcome is not Outcome.HARNESS_ERROR:
                    stages[number, place[run.instance]] = run.stage
        return cls(names, stages)


@dataclass(frozen=True, slots=True)
class Curve:
    """A trajectory's scores after each of its attempts; ``None`` where an attempt was not judged or graded.

    Attributes:
        demo: best demo QYI so far.
        selected: eval QYI of the program that would be selected so far, by demo score alone.
        oracle: best eval QYI so far.
    """

    demo: tuple[float | None, ...]
    selected: tuple[float | None, ...]
    oracle: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Spending:
    """What a trajectory cost.

    Attributes:
        cost_usd: US dollars, lost calls included.
        priced: whether the price of every reply is known.
        calls: replies.
        input_tokens: tokens sent.
        output_tokens: tokens received, thinking included.
        model_s: seconds spent waiting for the model.
        wall_s: wall seconds of all executions, demo and eval.
        cpu_s: CPU seconds of all executions.
    """

    cost_usd: float
    priced: bool
    calls: int
    input_tokens: int
    output_tokens: int
    model_s: float
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What a board keeps of one trajectory.

    Attributes:
        id: identifier, the same whenever a board is built from the same store.
        sample: number of the sample.
        state: ``scored``, ``running``, ``failed`` or ``unjudged``.
        note: why it is not scored.
        attempts: number of attempts.
        selected: number of the attempt that represents it.
        runs: the selected program on the eval split; ``None`` for a scored trajectory without any program.
        stages: the stage of each attempt on each eval instance; ``None`` unless every program was judged on them.
        oracle: best eval QYI over all attempts, where every attempt was judged and graded.
        curve: scores after each attempt.
        spending: what it cost.
    """

    id: str
    sample: int
    state: str
    note: str
    attempts: int
    selected: int | None
    runs: Runs | None
    stages: StageTable | None
    oracle: float | None
    curve: Curve
    spending: Spending


@dataclass(slots=True)
class Entry:
    """The trajectories of one (problem version, setting).

    Attributes:
        setting: what they have in common.
        facts: the trajectories that have begun.
        waiting: cells that have not begun.
        iterations: attempts that each trajectory is allowed.
    """

    setting: Setting
    iterations: int
    facts: list[Facts] = field(default_factory=list)
    waiting: int = 0


@dataclass(slots=True)
class Version:
    """One problem in one version, scored by one set of expert values.

    Attributes:
        problem: name of the problem.
        digest: SHA-256 of all that prompts and verdicts depend on.
        part: 0; where the version is not known here and stores were scored by expert values that contradict each
            other, every set of them is a part of its own.
        experts: expert values by instance, where the version is not known here.
        newest: when the newest campaign with it was made.
        instances: names of its eval instances, as campaigns recorded them.
        entries: what ran on it, by setting.
    """

    problem: str
    digest: str
    part: int = 0
    experts: dict[str, float] = field(default_factory=dict)
    newest: str = ""
    instances: set[str] = field(default_factory=set)
    entries: dict[Setting, Entry] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What tells it from other versions of the problem."""
        return f"{self.digest[:12]}.{self.part + 1}" if self.part else self.digest[:12]

    def agrees(self, experts: Mapping[str, float]) -> bool:
        """Whether none of ``experts`` contradicts those of this version."""
        return all(self.experts.get(name, value) == value for name, value in experts.items())
