"""Exact measures of schedules in GauS's terms, and the decoder that legalises means and measures them."""

from __future__ import annotations

import numpy as np

from heurigym.experts.scheduling.gauss.task import Decode, Resources, Task, Values
from heurigym.experts.scheduling.graph import Floats, Graph, Ints

OVERLOAD = 1e6
"""What the default decoder adds to the objective for each unit by which a capacity is exceeded."""


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
