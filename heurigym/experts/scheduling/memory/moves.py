"""Simulated annealing of schedules for the peak of live bits, compiled.

A move gives one node a new start and pushes its consumers later, or its inputs earlier, as far as precedences ask.
The energy is the sum over the steps of the squared excess of live bits over a target just below the best peak: a
peak alone is flat almost everywhere, the excess says which steps are to be emptied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.graph import Flags, Floats, Ints
from heurigym.experts.scheduling.memory.problem import MemoryProblem

_MOST_PUSHED = 64
"""Moves that would push more nodes than this are not tried."""


@dataclass(frozen=True)
class Cooling:
    """One round of annealing.

    Attributes:
        moves: moves tried.
        hot: first temperature, in squared widths of a mean value.
        cold: last temperature.
        target: the peak above which live bits are energy, as a fraction of the best peak.
    """

    moves: int
    hot: float = 20.0
    cold: float = 0.2
    target: float = 0.97


def anneal(problem: MemoryProblem, starts: Ints, cooling: Cooling, seed: int) -> Ints:
    """The best schedule that a round of annealing meets, ``starts`` included; deterministic for the same seed."""
    if not problem.nodes:
        return starts
    graph = problem.graph
    movable = np.flatnonzero(problem.earliest < problem.latest)
    if not len(movable):
        return starts
    profile = problem.profile(starts)
    unit = max(1.0, float(problem.bits[problem.is_ever_live].mean())) if problem.is_ever_live.any() else 1.0
    return _anneal(
        starts.copy(),
        profile,
        movable,
        graph.latency,
        problem.bits,
        problem.is_output,
        problem.earliest,
        problem.latest,
        graph.first_edge,
        graph.targets,
        graph.first_edge_into,
        graph.sources,
        cooling.moves,
        np.array([cooling.hot * unit * unit, cooling.cold * unit * unit, cooling.target]),
        seed,
    )


@compiled
def _anneal(
    starts: Ints,
    profile: Ints,
    movable: Ints,
    latency: Ints,
    bits: Ints,
    is_output: Flags,
    earliest: Ints,
    latest: Ints,
    first_out: Ints,
    targets: Ints,
    first_in: Ints,
    sources: Ints,
    moves: int,
    schedule: Floats,
    seed: int,
) -> Ints:
    np.random.seed(seed)
    hot, cold, fraction = schedule[0], schedule[1], schedule[2]
    nodes = len(starts)
    deadline = len(profile) - 1
    best = starts.copy()
    best_peak = profile.max()
    target = min(int(best_peak * fraction), best_peak - 1)
    new = starts.copy()
    pushed = np.empty(_MOST_PUSHED, np.int64)
    stamp = np.zeros(nodes, np.int64)
    values = np.empty(nodes, np.int64)
    old_begin = np.empty(nodes, np.int64)
    old_end = np.empty(nodes, np.int64)
    ends = np.empty(nodes, np.int64)
    for node in range(nodes):
        ends[node] = last_use(node, starts, first_out, targets, is_output, deadline)
    look = max(200, len(profile) // 4)
    ratio = (cold / hot) ** (1.0 / max(1, moves - 1))
    temperature = hot
    for move in range(1, moves + 1):
        temperature *= ratio
        node = movable[np.random.randint(len(movable))]
        start = _drawn(node, starts, latency, earliest, latest, first_out, targets, first_in, sources, deadline)
        if start == starts[node]:
            continue
        count = _push(node, start, starts, new, latency, first_out, targets, first_in, sources, pushed)
        if count == 0:
            continue
        affected = 0
        for place in range(count):
            moved = pushed[place]
            if stamp[moved] != move:
                stamp[moved] = move
                values[affected] = moved
                affected += 1
            for entry in range(first_in[moved], first_in[moved + 1]):
                value = sources[entry]
                if stamp[value] != move:
                    stamp[value] = move
                    values[affected] = value
                    affected += 1
        change = 0.0
        for place in range(affected):
            value = values[place]
            old_begin[place] = starts[value] + latency[value]
            old_end[place] = ends[value]
            end = last_use(value, new, first_out, targets, is_output, deadline)
            ends[value] = end
            change += relive(
                profile, old_begin[place], old_end[place], new[value] + latency[value], end, bits[value], target
            )
        if change <= 0.0 or np.random.random() < np.exp(-change / temperature):
            for place in range(count):
                starts[pushed[place]] = new[pushed[place]]
        else:
            for place in range(affected - 1, -1, -1):
                value = values[place]
                relive(
                    profile,
                    new[value] + latency[value],
                    ends[value],
                    old_begin[place],
                    old_end[place],
                    bits[value],
                    target,
                )
                ends[value] = old_end[place]
            for place in range(count):
                new[pushed[place]] = starts[pushed[place]]
        if move % look == 0 or move == moves:
            peak = profile.max()
            if peak < best_peak:
                best_peak = peak
                best[:] = starts
                target = min(int(best_peak * fraction), best_peak - 1)
    return best


@compiled
def last_use(value: int, starts: Ints, first_out: Ints, targets: Ints, is_output: Flags, deadline: int) -> int:
    """The last step in which a value is live; -1 if it never is."""
    if is_output[value]:
        return deadline
    end = -1
    for entry in range(first_out[value], first_out[value + 1]):
        end = max(end, starts[targets[entry]])
    return end


@compiled
def _drawn(
    node: int,
    starts: Ints,
    latency: Ints,
    earliest: Ints,
    latest: Ints,
    first_out: Ints,
    targets: Ints,
    first_in: Ints,
    sources: Ints,
    deadline: int,
) -> int:
    """A new start: mostly one that moves nothing else, often the last or first of these, sometimes any near one."""
    kind = np.random.random()
    if kind < 0.25:
        span = max(1, int((latest[node] - earliest[node]) * 0.1))
        near = starts[node] + np.random.randint(-min(span, 16), min(span, 16) + 1)
        return int(min(max(near, earliest[node]), latest[node]))
    low, high = 0, deadline - latency[node]
    for entry in range(first_in[node], first_in[node + 1]):
        source = sources[entry]
        low = max(low, starts[source] + latency[source])
    for entry in range(first_out[node], first_out[node + 1]):
        high = min(high, starts[targets[entry]] - latency[node])
    if kind < 0.4:
        return int(low)
    if kind < 0.55:
        return int(high)
    return int(np.random.randint(low, high + 1))


@compiled
def _push(
    node: int,
    start: int,
    starts: Ints,
    new: Ints,
    latency: Ints,
    first_out: Ints,
    targets: Ints,
    first_in: Ints,
    sources: Ints,
    pushed: Ints,
) -> int:
    """Write the least changes that let ``node`` begin at ``start`` into ``new``; their number, 0 for too many."""
    later = start > starts[node]
    new[node] = start
    pushed[0] = node
    count = 1
    place = 0
    while place < count:
        moved = pushed[place]
        place += 1
        if later:
            begin, end = first_out[moved], first_out[moved + 1]
        else:
            begin, end = first_in[moved], first_in[moved + 1]
        for entry in range(begin, end):
            other = targets[entry] if later else sources[entry]
            if later:
                wanted = max(new[other], new[moved] + latency[moved])
            else:
                wanted = min(new[other], new[moved] - latency[other])
            if wanted == new[other]:
                continue
            if count == len(pushed):
                for back in range(count):
                    new[pushed[back]] = starts[pushed[back]]
                return 0
            new[other] = wanted
            pushed[count] = other
            count += 1
    return count


@compiled
def relive(profile: Ints, begin: int, end: int, new_begin: int, new_end: int, bits: int, target: int) -> float:
    """Give a value another life in the profile; the change of the energy."""
    if bits == 0 or (end == new_end and begin == new_begin):
        return 0.0
    if new_end < begin or end < new_begin:
        return _add(profile, begin, end, -bits, target) + _add(profile, new_begin, new_end, bits, target)
    change = 0.0
    if new_begin < begin:
        change += _add(profile, new_begin, begin - 1, bits, target)
    elif new_begin > begin:
        change += _add(profile, begin, new_begin - 1, -bits, target)
    if new_end > end:
        change += _add(profile, end + 1, new_end, bits, target)
    elif new_end < end:
        change += _add(profile, new_end + 1, end, -bits, target)
    return change


@compiled
def _add(profile: Ints, begin: int, end: int, bits: int, target: int) -> float:
    change = 0.0
    for step in range(begin, end + 1):
        before = max(0, profile[step] - target)
        profile[step] += bits
        after = max(0, profile[step] - target)
        change += after * after - before * before
    return change
