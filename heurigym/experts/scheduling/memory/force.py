"""Force-directed scheduling for live bits, compiled.

All nodes begin in the middle of their windows. One by one, those with the least slack first, each goes to the step
between its inputs and its consumers where the sum of the squared live bits grows least: the force of Paulin and
Knight (Force-directed scheduling for the behavioral synthesis of ASICs, 1989) with live bits in place of units.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.graph import Flags, Ints
from heurigym.experts.scheduling.memory.moves import last_use, relive
from heurigym.experts.scheduling.memory.problem import MemoryProblem

_BATCH = 64
"""Nodes placed between two looks at the clock."""
_CANDIDATES = 32
"""Steps of a window that are tried, evenly spread."""


def force_directed(
    problem: MemoryProblem, seconds: float = float("inf"), clock: Callable[[], float] = time.process_time
) -> Ints:
    """A feasible schedule; nodes that are not placed within ``seconds`` of ``clock`` stay in their middles."""
    limit = clock() + seconds
    graph = problem.graph
    starts = graph.legalised((problem.earliest + problem.latest) / 2.0, problem.deadline)
    ends = problem.last_uses(starts)
    profile = problem.profile(starts)
    order = np.argsort(problem.latest - problem.earliest, kind="stable")
    for begin in range(0, problem.nodes, _BATCH):
        if clock() >= limit:
            break
        _place(
            order[begin : begin + _BATCH],
            starts,
            ends,
            profile,
            graph.latency,
            problem.bits,
            problem.is_output,
            graph.first_edge,
            graph.targets,
            graph.first_edge_into,
            graph.sources,
        )
    return starts


@compiled
def _place(
    nodes: Ints,
    starts: Ints,
    ends: Ints,
    profile: Ints,
    latency: Ints,
    bits: Ints,
    is_output: Flags,
    first_out: Ints,
    targets: Ints,
    first_in: Ints,
    sources: Ints,
) -> None:
    deadline = len(profile) - 1
    for node in nodes:
        low, high = 0, deadline - latency[node]
        for entry in range(first_in[node], first_in[node + 1]):
            low = max(low, starts[sources[entry]] + latency[sources[entry]])
        for entry in range(first_out[node], first_out[node + 1]):
            high = min(high, starts[targets[entry]] - latency[node])
        stride = max(1, (high - low) // _CANDIDATES)
        chosen, least, force = starts[node], 0.0, 0.0
        for start in range(low, high + 1, stride):
            force += _move(
                node, start, starts, ends, profile, latency, bits, is_output, first_out, targets, first_in, sources
            )
            if force < least:
                chosen, least = start, force
        _move(node, chosen, starts, ends, profile, latency, bits, is_output, first_out, targets, first_in, sources)


@compiled
def _move(
    node: int,
    start: int,
    starts: Ints,
    ends: Ints,
    profile: Ints,
    latency: Ints,
    bits: Ints,
    is_output: Flags,
    first_out: Ints,
    targets: Ints,
    first_in: Ints,
    sources: Ints,
) -> float:
    """Move a node whose neighbours stay; the change of the sum of squares."""
    ready, now = starts[node] + latency[node], start + latency[node]
    change = relive(profile, ready, ends[node], now, ends[node], bits[node], 0)
    starts[node] = start
    for entry in range(first_in[node], first_in[node + 1]):
        source = sources[entry]
        end = last_use(source, starts, first_out, targets, is_output, len(profile) - 1)
        begin = starts[source] + latency[source]
        change += relive(profile, begin, ends[source], begin, end, bits[source], 0)
        ends[source] = end
    return change
