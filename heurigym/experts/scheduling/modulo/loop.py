"""Loops to pipeline: data-flow graphs with recurrences, on few units, and the registers of a modulo schedule.

A modulo schedule starts iteration k of a loop k * T cycles after iteration 0, T being the initiation interval.
Operation i of iteration 0 starts in cycle s(i). What recurs is counted in the T slots of a cycle number modulo T.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

UNLIMITED = -1
"""Number of units of a resource that never runs out."""


@dataclass(frozen=True)
class Schedule:
    """An initiation interval and the start of each operation of iteration 0.

    Attributes:
        interval: T, in cycles.
        starts: s(i), in cycles, in the order of the loop's operations.
    """

    interval: int
    starts: Ints

    def from_zero(self) -> Ints:
        """The starts, all moved together so that the first is 0: distances and relative slots stay as they are."""
        return self.starts - self.starts.min() if len(self.starts) else self.starts


@dataclass(frozen=True)
class Loop:
    """A loop body as arrays, one entry for each operation, resource or edge.

    Attributes:
        names: identifier of each operation.
        kind: resource of each operation, an index into ``units``.
        bits: width of the value that each operation makes; 0 if it makes none.
        latency: cycles until the value is ready, of each operation.
        blocking: cycles that each operation occupies a unit of its resource.
        units: number of units of each resource, or ``UNLIMITED``.
        source: operation that each edge leaves.
        target: operation that each edge enters.
        weight: least cycles from the start of the source to the start of the target, before the distance counts.
        distance: iterations that each edge spans.
        carries: whether the edge carries the source's value (else it only orders the two).
        least: least interval that is allowed.
        most: largest interval that is allowed, or ``None``.
        interval_weight: objective of each cycle of the interval above ``least``, in register bits.
    """

    names: Sequence[str]
    kind: Ints
    bits: Ints
    latency: Ints
    blocking: Ints
    units: Ints
    source: Ints
    target: Ints
    weight: Ints
    distance: Ints
    carries: Mask
    least: int = 1
    most: int | None = None
    interval_weight: int = 0

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def delivery(self) -> Ints:
        """Cycles from the start of an operation to the first cycle in which a register holds its value.

        A result of latency 0 is a wire in the cycle that makes it, and can be in a register in the next one.
        """
        return np.maximum(self.latency, 1)

    @cached_property
    def edges_by_target(self) -> tuple[Ints, Ints]:
        """Edges in the order of their targets, and where each operation's begin (one more entry at the end)."""
        return _grouped(self.target, len(self))

    @cached_property
    def edges_by_source(self) -> tuple[Ints, Ints]:
        """Edges in the order of their sources, and where each operation's begin (one more entry at the end)."""
        return _grouped(self.source, len(self))

    def allows(self, interval: int) -> bool:
        """Whether the instance allows this interval."""
        return self.least <= interval and (self.most is None or interval <= self.most)


def _grouped(ends: Ints, count: int) -> tuple[Ints, Ints]:
    order = np.argsort(ends, kind="stable").astype(np.int64)
    begins = np.searchsorted(ends[order], np.arange(count + 1)).astype(np.int64)
    return order, begins


def read_loop(path: Path) -> Loop:
    """The loop in an instance file.

    Raises:
        ValueError: the file is corrupt; the message names it.
    """
    try:
        return loop_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError) as error:
        raise ValueError(f"{path}: is no loop: {error!r}") from error


def loop_from_json(content: Mapping[str, Any]) -> Loop:
    """The loop that an instance file's content describes."""
    resources = content["resources"]
    numbers = {name: index for index, name in enumerate(resources)}
    rows = list(resources.values())
    operations = content["operations"]
    place = {name: index for index, (name, _, _) in enumerate(operations)}
    if len(place) != len(operations):
        raise ValueError("operations: an id is there twice")
    kind = _ints([numbers[kind] for _, kind, _ in operations])
    latency = _ints([row["latency"] for row in rows])[kind] if operations else _ints([])
    blocking = _ints([row["blocking"] for row in rows])[kind] if operations else _ints([])
    edges = content["edges"]
    source = _ints([place[edge[0]] for edge in edges])
    interval = content["interval"]
    return Loop(
        names=list(place),
        kind=kind,
        bits=_ints([bits for _, _, bits in operations]),
        latency=latency,
        blocking=blocking,
        units=_ints([UNLIMITED if row["units"] is None else row["units"] for row in rows]),
        source=source,
        target=_ints([place[edge[1]] for edge in edges]),
        weight=latency[source] + _ints([edge[2] for edge in edges]),
        distance=_ints([edge[3] for edge in edges]),
        carries=np.array([edge[4] == "data" for edge in edges], dtype=np.bool_),
        least=interval["least"],
        most=interval["most"],
        interval_weight=interval["weight"],
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def solution_text(loop: Loop, schedule: Schedule) -> str:
    """The solution file of a schedule; its first start is 0."""
    lines = [f"{name}:{start}\n" for name, start in zip(loop.names, schedule.from_zero(), strict=True)]
    return f"interval:{schedule.interval}\n" + "".join(lines)


def last_uses(loop: Loop, schedule: Schedule) -> Ints:
    """The last cycle in which each operation's value is read; the cycle before its delivery if it never is.

    Shape (operations,).
    """
    ends: Ints = schedule.starts + loop.delivery - 1
    used = loop.carries
    reads = schedule.starts[loop.target[used]] + loop.distance[used] * schedule.interval
    np.maximum.at(ends, loop.source[used], reads)
    return ends


def lifetimes(loop: Loop, schedule: Schedule) -> Ints:
    """Cycles that each operation's value spends in a register, from its delivery to its last use inclusive."""
    return last_uses(loop, schedule) - (schedule.starts + loop.delivery - 1)


def folded(begins: Ints, lengths: Ints, amounts: Ints, interval: int) -> Ints:
    """What stretches of cycles add up to in each slot, each counted once for every cycle with that slot.

    Args:
        begins: first cycle of each stretch.
        lengths: its number of cycles.
        amounts: what it adds in each of its cycles.
        interval: T.

    Returns:
        Shape (T,).
    """
    turns, rest = np.divmod(lengths, interval)
    level = np.full(interval, int((turns * amounts).sum()), dtype=np.int64)
    first = begins % interval
    last = first + rest
    steps = np.zeros(2 * interval + 1, dtype=np.int64)
    np.add.at(steps, first, amounts)
    np.add.at(steps, last, -amounts)
    running = np.cumsum(steps)[: 2 * interval]
    level += running[:interval] + running[interval:]
    return level


def register_profile(loop: Loop, schedule: Schedule) -> Ints:
    """Register bits in use in each slot; shape (T,)."""
    return folded(schedule.starts + loop.delivery, lifetimes(loop, schedule), loop.bits, schedule.interval)


def registers(loop: Loop, schedule: Schedule) -> int:
    """The largest number of register bits in use in a slot."""
    return int(register_profile(loop, schedule).max()) if len(loop) else 0


def objective(loop: Loop, schedule: Schedule) -> int:
    """Register bits, plus the instance's weight for each cycle of the interval above the least one."""
    return registers(loop, schedule) + loop.interval_weight * (schedule.interval - loop.least)


def is_feasible(loop: Loop, schedule: Schedule) -> bool:
    """Whether a schedule keeps to the allowed intervals, every edge and every number of units."""
    if not loop.allows(schedule.interval):
        return False
    starts = schedule.starts
    slack = starts[loop.target] + loop.distance * schedule.interval - starts[loop.source] - loop.weight
    if (slack < 0).any():
        return False
    for kind, units in enumerate(loop.units):
        members = loop.kind == kind
        if units != UNLIMITED and members.any():
            busy = folded(
                starts[members], loop.blocking[members], np.ones(members.sum(), np.int64), schedule.interval
            )
            if busy.max() > units:
                return False
    return True
