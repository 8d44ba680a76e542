"""GauS: differentiable scheduling with one Gaussian for each start time.

The start of operation ``i`` is a random number ``N(mu_i, sigma_i^2)``; all else is an expectation in closed form
(see :mod:`heurigym.experts.scheduling.gauss_expectation`), so that Adam moves all operations at once. Constraints
enter by an augmented Lagrangian. After each round the means are rounded and legalised: by a topological pass, or in
the modulo case by a relaxation of at most as many passes as there are nodes. The next descent begins at
the best schedule.

Three formulations, each a function here that takes plain arrays:

========================================= ================================== =====================================
function                                  minimises                          subject to
========================================= ================================== =====================================
:func:`minimise_resources` (A)            weighted peak use of each type,    precedence, deadline
                                          plus alpha times the lifetimes
:func:`minimise_live_bits` (B)            peak of live bits                  precedence, deadline
:func:`minimise_folded_live_bits` (C)     peak of live bits, folded modulo   precedence with distances, capacities
                                          the interval                       folded modulo the interval, horizon
========================================= ================================== =====================================

``Search.decode`` turns means into a schedule and its objective: pass a list scheduler that takes the means as
priorities where capacities must hold. Without one, means are only legalised, and what exceeds a capacity counts
:data:`OVERLOAD` a unit. Each improvement over the published method is a field of :class:`Options`.

Source: GauS, arXiv 2602.20427 (2026). Its code was not available; what its text leaves open is documented where it
is decided. Runs with the same seed, options and round limit give the same bits on the same machine.
"""

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

OVERLOAD = 1e6
"""What the default decoder adds to the objective for each unit by which a capacity is exceeded."""


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


def minimise_resources(
    graph: Graph,
    resources: Resources,
    deadline: int,
    how: Search,
    *,
    values: Values | None = None,
    alpha: float = 0.0,
) -> Found:
    """Formulation A: minimise the weighted peak use of the types, plus ``alpha`` for each live bit and step.

    Args:
        graph: precedences without distances.
        resources: kinds, occupied steps and weights; capacities are not read.
        deadline: step by which all operations have finished.
        how: beginning, decoder and limits.
        values: widths for the lifetimes; needed if ``alpha`` is not zero.
        alpha: price of one bit for one step.

    Raises:
        ValueError: the graph does not fit into the deadline, or ``values`` are missing.
        ImportError: JAX is missing: it is part of the extra ``experts``.
    """
    if alpha and values is None:
        raise ValueError("lifetimes have a price, so the widths of values are needed")
    return _search(
        Task(graph, deadline, resources=resources, values=values if alpha else None, lifetime_price=alpha), how
    )


def minimise_live_bits(graph: Graph, values: Values, deadline: int, how: Search) -> Found:
    """Formulation B: minimise the peak over all steps, the deadline included, of the live bits.

    Args:
        graph: precedences without distances.
        values: widths and outputs.
        deadline: step by which all operations have finished.
        how: beginning, decoder and limits.

    Raises:
        ValueError: the graph does not fit into the deadline.
        ImportError: JAX is missing: it is part of the extra ``experts``.
    """
    return _search(Task(graph, deadline, values=values, peak_price=1.0), how)


def minimise_folded_live_bits(
    graph: Graph, values: Values, resources: Resources, interval: int, horizon: int, how: Search
) -> Found:
    """Formulation C: a modulo schedule within capacities that minimises the peak of the folded live bits.

    A value is live up to the last of its consumers' starts, those of later repetitions at
    ``start + distance * interval``. A step ``t`` of the interval holds a value as often as its life has steps that
    are ``t`` modulo the interval.

    Args:
        graph: precedences with distances.
        values: widths.
        resources: kinds, occupied steps and capacities; weights are not read.
        interval: the initiation interval.
        horizon: step by which all operations of one repetition have finished.
        how: beginning, decoder and limits.

    Raises:
        ValueError: the graph does not fit into the horizon, or a cycle not into the interval.
        ImportError: JAX is missing: it is part of the extra ``experts``.
    """
    return _search(
        Task(graph, horizon, interval, resources=resources, capped=True, values=values, peak_price=1.0), how
    )


def _search(task: Task, how: Search) -> Found:
    # JAX takes a second to import, and only the search needs it.
    from heurigym.experts.scheduling.gauss_search import search

    return search(task, how, how.decode or legalise_and_measure(task))


def legalise_and_measure(task: Task) -> Decode:
    """The default decoder: the legalised means, and their exact objective by :func:`objective`."""

    def decode(means: Floats) -> tuple[Ints, float]:
        starts = task.graph.legalised(means, task.horizon, task.interval)
        return starts, objective(task, starts)

    return decode


def objective(task: Task, starts: Ints) -> float:
    """The exact objective of a schedule, with :data:`OVERLOAD` for each unit beyond a capacity."""
    total = 0.0
    if task.resources is not None:
        use = occupancy(task.resources, starts, task.horizon, task.interval)
        peak = use.max(axis=1, initial=0)
        if task.capped:
            total += OVERLOAD * float(np.maximum(use - task.resources.capacity[:, None], 0).sum())
        else:
            total += float(task.resources.weight @ peak)
    if task.values is not None:
        live = live_bits(task.graph, task.values, starts, task.horizon, task.interval)
        total += task.peak_price * float(live.max(initial=0)) + task.lifetime_price * float(live.sum())
    return total


def occupancy(resources: Resources, starts: Ints, horizon: int, interval: int = 0) -> Ints:
    """Units of each type in use at each step, or at each step of the interval; shape (types, steps)."""
    used = np.flatnonzero(resources.kind >= 0)
    steps = horizon + int(resources.occupies.max(initial=0))
    change = np.zeros((resources.types, steps + 1), np.int64)
    np.add.at(change, (resources.kind[used], starts[used]), 1)
    np.add.at(change, (resources.kind[used], starts[used] + resources.occupies[used]), -1)
    return folded(np.cumsum(change, axis=1)[:, :steps], interval)


def live_bits(graph: Graph, values: Values, starts: Ints, horizon: int, interval: int = 0) -> Ints:
    """Live bits at each step from 0 to ``horizon``, inclusive, or at each step of the interval."""
    begins = starts + graph.latency
    ends = last_uses(graph, values, starts, horizon, interval)
    lives = np.flatnonzero((ends >= begins) & (values.bits > 0))
    steps = max(horizon, int(ends.max(initial=0))) + 1
    change = np.zeros(steps + 1, np.int64)
    np.add.at(change, begins[lives], values.bits[lives])
    np.add.at(change, ends[lives] + 1, -values.bits[lives])
    profile: Ints = folded(np.cumsum(change)[None, :steps], interval)[0]
    return profile


def last_uses(graph: Graph, values: Values, starts: Ints, horizon: int, interval: int = 0) -> Ints:
    """The last step in which each value is live; -1 for one that never is."""
    ends = np.full(graph.nodes, -1, np.int64)
    np.maximum.at(ends, graph.source, starts[graph.target] + graph.distance * interval)
    if not interval:
        ends[values.is_output] = horizon
    return ends


def folded(profile: Ints, interval: int) -> Ints:
    """The columns of ``profile`` summed by their number modulo ``interval``; unchanged when that is 0."""
    if not interval:
        return profile
    rows, steps = profile.shape
    padded = np.zeros((rows, -(-steps // interval) * interval), np.int64)
    padded[:, :steps] = profile
    sums: Ints = padded.reshape(rows, -1, interval).sum(axis=1)
    return sums
