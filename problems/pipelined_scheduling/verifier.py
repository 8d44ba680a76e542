"""Verifier of pipelined scheduling: recurrences, units in every slot, and folded registers, whatever the numbers.

Nothing is stepped through cycle by cycle: stretches of cycles are folded by division, so a start of 10^39 costs
what a start of 0 costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from verifier_folding import busiest
from verifier_loop import Loop, read_loop

from heurigym.problems import (
    Infeasible,
    Malformed,
    as_integer,
    listed,
    listed_sentences,
    read_solution_text,
    shorten,
    verifier,
)

INTERVAL = "interval"
"""What stands for an operation's id in the line that gives the interval."""


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """Register bits at the fullest slot, plus the instance's weight for each cycle above its least interval.

    Raises:
        ValueError: the instance is corrupt.
    """
    loop = read_loop(instance[0])
    interval, starts = read_schedule(solution, loop.operations)
    check_interval(loop, interval)
    check_not_negative(starts)
    check_edges(loop, interval, starts)
    check_units(loop, interval, starts)
    return registers(loop, interval, starts) + loop.interval_weight * (interval - loop.least)


def read_schedule(solution: Path, operations: Mapping[str, object]) -> tuple[int, dict[str, int]]:
    """The interval and the start of every operation, each exactly once.

    Raises:
        Malformed: the solution does not give exactly that.
    """
    values: dict[str, int] = {}
    for number, raw in enumerate(read_solution_text(solution).split("\n"), start=1):
        line = raw.strip(" \t\r")
        if not line:
            continue
        identifier, colon, value = line.rpartition(":")
        name = identifier.strip(" \t")
        if not colon:
            raise Malformed(f"line {number} is not id:start: {shorten(repr(line), 80)}")
        if name not in operations and name != INTERVAL:
            raise Malformed(f"line {number} names no operation of the loop: {shorten(repr(name), 80)}")
        if name in values:
            raise Malformed(f"line {number} gives a value to {shorten(name, 80)} for the second time")
        values[name] = as_integer(value.strip(" \t"), f"the value in line {number}")
    if INTERVAL not in values:
        raise Malformed("there is no line interval:T")
    interval = values.pop(INTERVAL)
    if len(values) != len(operations):
        missing = [name for name in operations if name not in values]
        raise Malformed(f"{len(missing)} of {len(operations)} operations have no start: {listed(missing)}")
    return interval, values


def check_interval(loop: Loop, interval: int) -> None:
    """Raise :class:`Infeasible` if the instance does not allow the interval."""
    if interval < loop.least or (loop.most is not None and interval > loop.most):
        most = "no limit" if loop.most is None else loop.most
        raise Infeasible(f"the interval {interval} is not between {loop.least} and {most}")


def check_not_negative(starts: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if a start is negative."""
    offenders = [f"{name}:{start}" for name, start in starts.items() if start < 0]
    if offenders:
        raise Infeasible(f"{len(offenders)} operations start before cycle 0: {listed(offenders)}")


def check_edges(loop: Loop, interval: int, starts: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if an operation starts too early after one that it depends on."""
    offenders = []
    for edge in loop.edges:
        ready = starts[edge.source] + loop.latency(edge.source) + edge.delay
        start = starts[edge.target] + edge.distance * interval
        if start < ready:
            later = f" of the iteration {edge.distance} later" if edge.distance else ""
            offenders.append(
                f"{edge.target}{later} starts in cycle {start} but depends on {edge.source} until cycle {ready}"
            )
    if offenders:
        raise Infeasible(
            f"{len(offenders)} of {len(loop.edges)} dependences are violated: {listed_sentences(offenders)}"
        )


def check_units(loop: Loop, interval: int, starts: Mapping[str, int]) -> None:
    """Raise :class:`Infeasible` if more units of a resource are occupied in a slot than there are."""
    members: dict[str, list[tuple[int, int, int]]] = {}
    for name, operation in loop.operations.items():
        blocking = loop.resources[operation.kind].blocking
        members.setdefault(operation.kind, []).append((starts[name], blocking, 1))
    offenders = []
    for kind, stretches in members.items():
        units = loop.resources[kind].units
        if units is None:
            continue
        occupied, slot = busiest(stretches, interval)
        if occupied > units:
            offenders.append(f"{occupied} units of {kind} are occupied in slot {slot}, {units} exist")
    if offenders:
        raise Infeasible(f"too few units of {len(offenders)} resources: {listed_sentences(offenders)}")


def registers(loop: Loop, interval: int, starts: Mapping[str, int]) -> int:
    """The largest number of register bits in a slot."""
    last = {}
    for edge in loop.edges:
        if edge.carries:
            read = starts[edge.target] + edge.distance * interval
            last[edge.source] = max(last.get(edge.source, read), read)
    return busiest(_lives(loop, starts, last), interval)[0]


def _lives(loop: Loop, starts: Mapping[str, int], last: Mapping[str, int]) -> Iterable[tuple[int, int, int]]:
    for name, end in last.items():
        # A result of latency 0 is a wire in the cycle that makes it, so a register can hold it one cycle later.
        begin = starts[name] + max(1, loop.latency(name))
        yield begin, max(0, end - begin + 1), loop.operations[name].bits
