"""Device meshes: the ways to shard an operation over a mesh's axes, and what computing and moving data costs.

A layout says for each axis of the mesh which dimension of a tensor is split over it (-1: none, every device along
the axis has a copy). Collectives are priced by the bytes that each device sends, as in GSPMD and Alpa.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from intra_op_parallel_tensors import OUTPUT, WEIGHT, Node, Program

BYTES = 2
"""Bytes of one number."""

Layout = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mesh:
    """A mesh of devices.

    Attributes:
        shape: devices along each axis.
        bandwidth: bytes that a device sends along each axis in a microsecond.
        rate: multiply-adds of a device in a microsecond.
        stream: bytes that a device reads or writes in its own memory in a microsecond.
        latency: microseconds before a collective begins.
    """

    shape: tuple[int, ...]
    bandwidth: tuple[float, ...]
    rate: float
    stream: float
    latency: float

    def gather(self, axis: int, local: float) -> float:
        """Microseconds until every device along ``axis`` has the ``local`` bytes of all."""
        return self.latency + local * (self.shape[axis] - 1) / self.bandwidth[axis]

    def reduce(self, axis: int, local: float, scatter: bool) -> float:
        """Microseconds to sum ``local`` bytes over ``axis``, to all devices or a share to each."""
        share = local * (self.shape[axis] - 1) / self.shape[axis] / self.bandwidth[axis]
        return self.latency + share * (1 if scatter else 2)

    def exchange(self, axis: int, local: float) -> float:
        """Microseconds of an all-to-all along ``axis`` of ``local`` bytes of each device."""
        return self.latency + local * (self.shape[axis] - 1) / self.shape[axis] / self.bandwidth[axis]


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to run an operation.

    Attributes:
        output: layout of the result.
        inputs: layout in which each operand is needed.
        cost: microseconds of computing and of the collectives inside the operation.
        usage: bytes of the result on each device.
    """

    output: Layout
    inputs: tuple[Layout, ...]
    cost: int
    usage: int


def strategies(program: Program, node: Node, mesh: Mesh, copies: int) -> list[Strategy]:
    """All ways to run ``node`` on the mesh, one for each pair of layouts and assignment.

    Args:
        program: the program of the node.
        node: an operation or an input.
        mesh: the devices.
        copies: how many tensors of its size a weight keeps: itself and the states of its optimizer.
    """
    summed = node.summed
    scattered = [(letter, node.letters[0]) for letter in summed if node.letters]
    choices = [(letter, "") for letter in ["", *node.space]] + scattered
    found: dict[tuple[Layout, tuple[Layout, ...], str], Strategy] = {}
    for chosen in product(choices, repeat=len(mesh.shape)):
        strategy = _strategy(program, node, mesh, copies, chosen)
        if strategy is None:
            continue
        split = "".join(letter or "-" for letter, _ in chosen)
        key = (strategy.output, strategy.inputs, split)
        if key not in found or strategy.cost < found[key].cost:
            found[key] = strategy
    return list(found.values())


def _strategy(
    program: Program, node: Node, mesh: Mesh, copies: int, chosen: Sequence[tuple[str, str]]
) -> Strategy | None:
    shards: dict[str, int] = {}
    for axis, (letter, target) in enumerate(chosen):
        for name in filter(None, (letter, target)):
            shards[name] = shards.get(name, 1) * mesh.shape[axis]
    if any(program.sizes[letter] % count for letter, count in shards.items()):
        return None
    if any(shards.get(letter, 1) == program.sizes[letter] for letter in node.halo):
        return None
    output = tuple(
        node.letters.index(target or letter) if (target or letter) and (target or letter) in node.letters else -1
        for letter, target in chosen
    )
    inputs = tuple(
        tuple(letters.index(letter) if letter and letter in letters else -1 for letter, _ in chosen)
        for _, letters in node.operands
    )
    size = BYTES * math.prod(program.sizes[letter] for letter in node.letters)
    usage = -(-size // math.prod(count for axis, count in enumerate(mesh.shape) if output[axis] >= 0))
    if not node.operands:
        return Strategy(output, inputs, 0, usage * (copies if node.kind == WEIGHT else 1))
    cost = _compute(program, node, mesh, chosen) + _collectives(program, node, mesh, chosen, size)
    return Strategy(output, inputs, max(1, round(cost)), 0 if node.kind == OUTPUT else usage)


def _compute(program: Program, node: Node, mesh: Mesh, chosen: Sequence[tuple[str, str]]) -> float:
    devices = math.prod(count for axis, count in enumerate(mesh.shape) if chosen[axis][0])
    points = math.prod(program.sizes[letter] for letter in node.space) * node.work / devices
    touched = 0.0
    for letters in (node.letters, *(letters for _, letters in node.operands)):
        split = math.prod(
            count for axis, count in enumerate(mesh.shape) if chosen[axis][0] and chosen[axis][0] in letters
        )
        touched += BYTES * math.prod(program.sizes[letter] for letter in letters) / split
    return max(points / mesh.rate, touched / mesh.stream)


def _collectives(program: Program, node: Node, mesh: Mesh, chosen: Sequence[tuple[str, str]], size: float) -> float:
    # Before its collectives, a device holds the result split along the letters of the result alone.
    local = size / math.prod(
        count for axis, count in enumerate(mesh.shape) if chosen[axis][0] and chosen[axis][0] in node.letters
    )
    cost = 0.0
    for axis, (letter, target) in enumerate(chosen):
        if not letter:
            continue
        if letter not in node.letters:
            cost += mesh.reduce(axis, local, bool(target))
            local /= mesh.shape[axis] if target else 1
        elif letter in node.reduced:
            cost += mesh.reduce(axis, local * mesh.shape[axis] / program.sizes[letter], False)
        elif letter in node.halo:
            cost += mesh.latency + 2 * local * mesh.shape[axis] / program.sizes[letter] / mesh.bandwidth[axis]
    return cost


def resharding(size: int, mesh: Mesh, begin: Layout, end: Layout) -> int:
    """Microseconds to bring a tensor of ``size`` bytes from one layout to another, axis by axis.

    Axes are taken in the order that moves the fewest bytes: splitting is free and comes first.
    """
    shards = math.prod(count for axis, count in enumerate(mesh.shape) if begin[axis] >= 0)
    cost = 0.0
    order = sorted(range(len(mesh.shape)), key=lambda axis: (begin[axis] >= 0) + (end[axis] < 0))
    for axis in order:
        local = size / shards
        if begin[axis] == end[axis]:
            continue
        if begin[axis] < 0:
            shards *= mesh.shape[axis]
        elif end[axis] < 0:
            cost += mesh.gather(axis, local)
            shards //= mesh.shape[axis]
        else:
            cost += mesh.exchange(axis, local)
    return round(cost)
