"""Moves of one operation, with the others pushed out of its way, accepted by simulated annealing.

The energy of a schedule is looked up in a table for every type and cycle: ``table[k, u]`` is what ``u`` held units
of type ``k`` cost. A move starts one operation elsewhere between its earliest and latest start; operations that it
then conflicts with are pushed as far as precedences ask, which never leaves their own earliest and latest starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heurigym.experts.compiled import compiled
from heurigym.experts.scheduling.graph import Floats, Ints
from heurigym.experts.scheduling.resource.problem import ResourceProblem

_PUSHED = 50
"""A move that pushes more operations than this is given up."""
_SCALES = 6
"""A move reaches as far as the node's possible starts, or half as far, and so on this many times."""


@dataclass(frozen=True, eq=False)
class MoveState:
    """A schedule under change: its starts, and the units held in each cycle; both are altered in place.

    Attributes:
        problem: the problem.
        starts: start of each node.
        usage: units of each type held in each cycle; shape (types, deadline).
        movable: the nodes that have more than one possible start.
    """

    problem: ResourceProblem
    starts: Ints
    usage: Ints
    movable: Ints

    @classmethod
    def of(cls, problem: ResourceProblem, starts: Ints) -> MoveState:
        """A state at a feasible schedule, which is copied."""
        movable = np.flatnonzero(problem.earliest < problem.latest)
        return cls(problem, starts.copy(), problem.usage(starts), movable)

    def anneal(self, table: Floats, moves: int, hot: float, cold: float, until: float, seed: int) -> float:
        """Try ``moves`` moves while the temperature falls from ``hot`` to ``cold``; returns the change of energy.

        Args:
            table: energy of held units; shape (types, largest number of units + 1).
            moves: number of moves.
            hot: first temperature, in units of energy.
            cold: last temperature, above zero.
            until: stop as soon as the change of energy is at most this.
            seed: seed of the random choices.
        """
        problem, graph = self.problem, self.problem.graph
        if not len(self.movable):
            return 0.0
        return float(
            _anneal(
                graph.latency,
                graph.first_edge,
                graph.targets,
                graph.first_edge_into,
                graph.sources,
                problem.kind,
                problem.occupancy,
                problem.earliest,
                problem.latest,
                self.movable,
                self.starts,
                self.usage,
                table,
                moves,
                hot,
                cold,
                until,
                seed,
            )
        )


@compiled
def _move(node: int, start: int, kind: Ints, occupancy: Ints, starts: Ints, usage: Ints, table: Floats) -> float:
    """Start ``node`` at ``start`` and return the change of energy."""
    own = kind[node]
    change = 0.0
    held = occupancy[own]
    before = starts[node]
    for cycle in range(before, before + held):
        if not start <= cycle < start + held:
            units = usage[own, cycle]
            change += table[own, units - 1] - table[own, units]
            usage[own, cycle] = units - 1
    for cycle in range(start, start + held):
        if not before <= cycle < before + held:
            units = usage[own, cycle]
            change += table[own, units + 1] - table[own, units]
            usage[own, cycle] = units + 1
    starts[node] = start
    return change


@compiled
def _anneal(
    latency: Ints,
    first_edge: Ints,
    targets: Ints,
    first_edge_into: Ints,
    sources: Ints,
    kind: Ints,
    occupancy: Ints,
    earliest: Ints,
    latest: Ints,
    movable: Ints,
    starts: Ints,
    usage: Ints,
    table: Floats,
    moves: int,
    hot: float,
    cold: float,
    until: float,
    seed: int,
) -> float:
    np.random.seed(seed)
    touched = np.empty(_PUSHED + 1, np.int64)
    before = np.empty(_PUSHED + 1, np.int64)
    total = 0.0
    cooling = (cold / hot) ** (1.0 / max(1, moves))
    temperature = hot
    for _ in range(moves):
        temperature *= cooling
        node = movable[np.random.randint(len(movable))]
        low, high = earliest[node], latest[node]
        reach = max(1, (high - low) >> np.random.randint(_SCALES))
        low, high = max(low, starts[node] - reach), min(high, starts[node] + reach)
        start = low + np.random.randint(high - low)
        if start >= starts[node]:
            start += 1
        later = start > starts[node]
        count = 1
        touched[0] = node
        before[0] = starts[node]
        change = _move(node, start, kind, occupancy, starts, usage, table)
        done = 0
        while done < count and count <= _PUSHED:
            pushed = touched[done]
            done += 1
            if later:
                finish = starts[pushed] + latency[pushed]
                for edge in range(first_edge[pushed], first_edge[pushed + 1]):
                    other = targets[edge]
                    if starts[other] < finish and count <= _PUSHED:
                        touched[count] = other
                        before[count] = starts[other]
                        change += _move(other, finish, kind, occupancy, starts, usage, table)
                        count += 1
            else:
                for edge in range(first_edge_into[pushed], first_edge_into[pushed + 1]):
                    other = sources[edge]
                    last = starts[pushed] - latency[other]
                    if starts[other] > last and count <= _PUSHED:
                        touched[count] = other
                        before[count] = starts[other]
                        change += _move(other, last, kind, occupancy, starts, usage, table)
                        count += 1
        refused = count > _PUSHED or (change > 0 and np.random.random() >= np.exp(-change / temperature))
        if refused:
            for place in range(count - 1, -1, -1):
                _move(touched[place], before[place], kind, occupancy, starts, usage, table)
        else:
            total += change
            if total <= until:
                break
    return total
