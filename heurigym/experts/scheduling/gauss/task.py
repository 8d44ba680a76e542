"""What GauS schedules, how it searches, and what it finds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from heurigym.experts.scheduling.graph import Flags, Floats, Graph, Ints

Decode: TypeAlias = Callable[[Floats], tuple[Ints, float]]
"""Turns means into a legal schedule and its objective, the lower the better."""


@dataclass(frozen=True)
class Options:
    """How the search works; :data:`FAITHFUL` has what the paper describes, the defaults are improved.

    Attributes:
        rounds: rounds at most; after each the means are decoded.
        steps: Adam steps of a round.
        learning_rate: of Adam, in steps of time, or in slacks with ``scaled_steps``.
        spread: initial deviation as a multiple of an operation's slack (latest minus earliest start).
        least_deviation: deviations never fall below this many steps.
        learn_deviations: deviations are parameters of Adam too, as published.
        anneal: factor on all deviations after a round; 1 keeps them.
        rounds_of_annealing: rounds after which a new descent starts from the best schedule with wide deviations.
        scaled_steps: Adam moves each mean in units of its slack rather than of time.
        project: means are clipped between earliest and latest starts rather than held there by the Lagrangian.
        penalty: initial weight of the quadratic penalty.
        penalty_growth: factor on that weight after each round.
        sharpness: temperature of the peak's log-sum-exp as a fraction of the peak.
        restart_noise: deviation of the noise on the means of a new descent, in slacks.
        window: entries (operations or edges times steps) of the largest array that is evaluated, at least thirteen
            steps for each; deviations are cut so that six of them fit.
    """

    rounds: int = 60
    steps: int = 40
    learning_rate: float = 0.02
    spread: float = 0.25
    least_deviation: float = 0.25
    learn_deviations: bool = False
    anneal: float = 0.7
    rounds_of_annealing: int = 10
    scaled_steps: bool = True
    project: bool = True
    penalty: float = 1.0
    penalty_growth: float = 1.5
    sharpness: float = 0.02
    restart_noise: float = 0.05
    window: int = 100_000

    def __post_init__(self) -> None:
        positive = (self.rounds, self.steps, self.rounds_of_annealing, self.window)
        if min(positive) < 1 or min(self.learning_rate, self.least_deviation, self.sharpness, self.anneal) <= 0:
            raise ValueError("rounds, steps, window, rates and deviations of the options must be positive")


FAITHFUL = Options(
    learning_rate=1e-2,
    learn_deviations=True,
    anneal=1.0,
    scaled_steps=False,
    project=False,
    restart_noise=0.0,
    window=2_000_000,
)
"""The method as published: Adam at 1e-2 on means and deviations, constraints by the Lagrangian alone."""


@dataclass(frozen=True, eq=False)
class Resources:
    """What operations occupy.

    Attributes:
        kind: type of each operation, or -1 for none; shape (nodes,).
        occupies: steps that each operation occupies one unit of its type, from its start on; shape (nodes,).
        weight: price of a unit of each type; shape (types,). Read by formulation A.
        capacity: units of each type; shape (types,). Read by formulation C.
    """

    kind: Ints
    occupies: Ints
    weight: Floats
    capacity: Ints

    @property
    def types(self) -> int:
        """Number of types."""
        return len(self.weight)


@dataclass(frozen=True, eq=False)
class Values:
    """What operations produce: a value is live from its first step to the last start of a consumer, inclusive.

    Attributes:
        bits: width of each operation's value; shape (nodes,).
        is_output: values that stay live up to and including the step ``deadline``; shape (nodes,). Formulation C
            reads none of them: there, a value without a consumer is never live.
    """

    bits: Ints
    is_output: Flags


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes:
        starts: the best decoded schedule.
        objective: its objective, as decoded.
        means: the means that it was decoded from.
        rounds: rounds that were run.
        history: (processor seconds since the begin, objective) of each improvement.
    """

    starts: Ints
    objective: float
    means: Floats
    rounds: int
    history: tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Task:
    """One scheduling problem as the search sees it; made by the three functions of this module.

    Attributes:
        graph: precedences.
        horizon: all operations finish by this step.
        interval: steps are folded modulo this; 0 does not fold.
        resources: what is occupied, or none.
        capped: capacities are constraints; otherwise weighted peaks are part of the objective.
        values: what is produced, or none where lifetimes do not count.
        lifetime_price: price of one bit for one step (alpha of formulation A).
        peak_price: price of the peak of live bits.
    """

    graph: Graph
    horizon: int
    interval: int = 0
    resources: Resources | None = None
    capped: bool = False
    values: Values | None = None
    lifetime_price: float = 0.0
    peak_price: float = 0.0
    earliest: Ints = field(init=False)
    latest: Ints = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "earliest", self.graph.earliest(self.interval))
        object.__setattr__(self, "latest", self.graph.latest(self.horizon, self.interval))
        if np.any(self.earliest > self.latest):
            raise ValueError(f"the graph does not fit into {self.horizon} steps")


@dataclass(frozen=True, eq=False)
class Search:
    """Where a search begins, how it decodes, and when it ends.

    Attributes:
        initial: starts or means to begin with; halfway between earliest and latest starts when absent.
        decode: see the module; when absent, legalisation and the exact objective.
        seconds: limit on ``clock``, checked between rounds.
        seed: of the noise of new descents.
        options: how the search works.
        clock: processor time by default.
    """

    initial: Ints | Floats | None = None
    decode: Decode | None = None
    seconds: float = math.inf
    seed: int = 0
    options: Options = field(default_factory=Options)
    clock: Callable[[], float] = time.process_time
