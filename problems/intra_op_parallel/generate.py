"""Generator of sharding instances: steps of neural networks, layer by layer, on meshes of devices.

An instance is drawn in four steps. A family and its sizes are drawn, with as many layers as fill the wanted
number of nodes; most programs get their gradients. A mesh is drawn, a row of devices or for small programs a grid.
Each operation gets all strategies that the mesh allows it, priced by its shapes. The limit lies between the least
memory in which the program runs and what the cheapest choice uses.

A draw is kept only if it is not easy (see :func:`is_hard`). Nothing else selects instances, neither the
baseline nor a hand: shipped and fresh ones differ in their seeds and sizes alone. Needs ``heurigym[experts]``.
"""

import argparse
import gzip
import json
import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from intra_op_parallel_mesh import BYTES, Mesh, resharding, strategies
from intra_op_parallel_programs import FAMILIES
from intra_op_parallel_tensors import Program as Tensors

from heurigym.experts.sharding.greedy import greedy
from heurigym.experts.sharding.portfolio import quick_search
from heurigym.experts.sharding.program import Program

SHIPPED_SEED = 2026
DEMO_SIZES = (40, 120, 400, 1500, 6000)
EVAL_SIZES: tuple[int, ...] = (25, 40, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200)
EVAL_SIZES += (1500, 2000, 3000, 4000, 6000, 8000, 12_000, 20_000)
PACKED_FROM = 100
"""Instances of at least this many nodes are stored gzipped."""
MOST_ENTRIES = 1_000_000
"""Most edge costs of an instance."""
TRIED_UP_TO = 600
"""Larger programs are judged by a program of the same plan with at most so many nodes."""
GRID_UP_TO = 400
"""Programs above this many nodes are sharded along a row of devices only."""

TRIVIAL_MARGIN = 0.97
GREEDY_MARGIN = 0.9
ROWS = ((4,), (8,), (16,))
GRIDS = ((2, 2), (2, 4), (4, 4), (4, 8))
TIGHTNESS = (0.1, 0.25, 0.4, 0.6)
"""Where the limit lies between the least memory (0) and that of the cheapest choice (1)."""


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` fresh instances, the same ones for the same seed, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = random.Random(f"sizes {seed}").choices(EVAL_SIZES, k=count)
    for index, size in enumerate(sizes):
        write(draw_hard(f"fresh {seed} {index}", size), f"fresh{index:02d}_{size}", folder)


def ship(folder: Path) -> None:
    """Write the instances that this folder ships, into the folders ``demo`` and ``eval`` of ``folder``."""
    for split, sizes in (("demo", DEMO_SIZES), ("eval", EVAL_SIZES)):
        (folder / split).mkdir(parents=True, exist_ok=True)
        for index, size in enumerate(sizes):
            content = draw_hard(f"shipped {split} {SHIPPED_SEED} {index}", size)
            write(content, f"{split}{index:02d}_{size}", folder / split)


def draw_hard(seed: str, size: int) -> dict[str, Any]:
    """The first hard instance of at most ``size`` nodes in the sequence of draws that ``seed`` starts.

    A large program repeats its layers, so that one with fewer layers tells whether it is hard.
    """
    source = random.Random(seed)
    while True:
        plan = draw(source, size)
        content = planned(plan, min(size, TRIED_UP_TO))
        if content and is_hard(content):
            content = content if size <= TRIED_UP_TO else planned(plan, size)
            if content:
                return content


def is_hard(content: dict[str, Any]) -> bool:
    """Whether easy methods are measurably worse than a quick good one.

    With C the cost after a short annealing: the cheaper of the least memory everywhere and the strategy of number 0
    everywhere has a quality below ``TRIVIAL_MARGIN`` against C, and the one-pass greedy one of at most
    ``GREEDY_MARGIN``.
    """
    program = Program.of(content)
    quick = program.cost(quick_search(program, _effort(program)))
    trivial = [chosen for chosen in (program.frugal(), [0] * len(program.costs)) if program.fits(chosen)]
    least = min(program.cost(chosen) for chosen in trivial)
    return 0 < quick <= TRIVIAL_MARGIN * least and quick <= GREEDY_MARGIN * program.cost(greedy(program))


def _effort(program: Program) -> int:
    """Moves of the quick search."""
    return 2000 + 15 * len(program.costs)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is drawn of an instance but its number of layers.

    Attributes:
        family: which programs.
        train: whether gradients are computed.
        seed: decides the sizes of the program.
        mesh: the devices.
        tightness: see ``TIGHTNESS``.
    """

    family: str
    train: bool
    seed: int
    mesh: Mesh
    tightness: float


def draw(source: random.Random, size: int) -> Plan:
    """One draw of an instance of at most ``size`` nodes."""
    grid = size <= GRID_UP_TO and source.random() < 0.6
    return Plan(
        source.choice(sorted(FAMILIES)),
        source.random() < 0.6,
        source.getrandbits(32),
        _mesh(source, source.choice(GRIDS if grid else ROWS)),
        source.choice(TIGHTNESS),
    )


def planned(plan: Plan, size: int) -> dict[str, Any] | None:
    """The instance of at most ``size`` nodes; none when layers fill it badly or memory does not matter."""
    program = _sized(plan.family, plan.train, plan.seed, size)
    if program is None:
        return None
    name = f"{plan.family}_{'train' if plan.train else 'infer'}_{len(program.nodes)}"
    content = _content(name, program, plan.mesh, plan.train)
    if content is None:
        return None
    free = Program.of(content)
    least = free.peak(free.frugal())
    most = free.peak(quick_search(free, 2000))
    if most <= 1.05 * least:
        return None
    content["problem"]["usage_limit"] = least + round(plan.tightness * (most - least))
    return content


def _mesh(source: random.Random, shape: tuple[int, ...]) -> Mesh:
    """A mesh with times in nanoseconds; the last axis of a grid is the fast one, inside a host."""
    slow = source.choice((10.0, 25.0, 50.0))
    bandwidth = (slow,) if len(shape) == 1 else (slow, slow * source.choice((2, 4)))
    return Mesh(shape, bandwidth, source.choice((20e3, 50e3)), 1000.0, source.choice((500.0, 2000.0)))


def _sized(family: str, train: bool, seed: int, size: int) -> Tensors | None:
    """The program of most layers with at most ``size`` nodes; none if that is below 0.6 of ``size``."""

    def built(layers: int) -> Tensors:
        program, last = FAMILIES[family](random.Random(seed), layers)
        if train:
            program.train(last)
        return program

    small, large = len(built(2).nodes), len(built(4).nodes)
    layers = 2 + max(0, 2 * (size - small) // (large - small))
    while layers:
        program = built(layers)
        if len(program.nodes) <= size:
            return program if len(program.nodes) >= 0.6 * size else None
        layers -= max(1, 2 * (len(program.nodes) - size) // (large - small))
    return None


def _content(name: str, program: Tensors, mesh: Mesh, train: bool) -> dict[str, Any] | None:
    """The instance of a program on a mesh, without a limit; none if it has too many edge costs."""
    copies = 4 if train else 1
    memo: dict[Any, Any] = {}
    ways = []
    for node in program.nodes:
        key = (node.kind, node.letters, tuple(letters for _, letters in node.operands), node.halo, node.reduced)
        if key not in memo:
            memo[key] = strategies(program, node, mesh, copies)
        ways.append(memo[key])
    pairs, tables = [], []
    entries = 0
    for head, node in enumerate(program.nodes):
        for place, (tail, _) in enumerate(node.operands):
            entries += len(ways[tail]) * len(ways[head])
            if entries > MOST_ENTRIES:
                return None
            size = BYTES * math.prod(program.sizes[letter] for letter in program.nodes[tail].letters)
            table = []
            for way in ways[tail]:
                for other in ways[head]:
                    move = (size, way.output, other.inputs[place])
                    if move not in memo:
                        memo[move] = resharding(size, mesh, way.output, other.inputs[place])
                    table.append(memo[move])
            pairs.append([tail, head])
            tables.append(table)
    nodes = {
        "intervals": [list(interval) for interval in program.intervals()],
        "costs": [[way.cost for way in options] for options in ways],
        "usages": [[way.usage for way in options] for options in ways],
    }
    return {"problem": {"name": name, "nodes": nodes, "edges": {"nodes": pairs, "costs": tables}}}


def write(content: dict[str, Any], name: str, folder: Path) -> None:
    """Write an instance as ``name`` into ``folder``, gzipped if it is large, the same bytes each time."""
    text = json.dumps(content, separators=(",", ":")) + "\n"
    path = folder / f"{name}.json"
    if len(content["problem"]["nodes"]["costs"]) < PACKED_FROM:
        path.write_text(text, encoding="utf-8")
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def main() -> None:
    """Command line: fresh instances, or the shipped ones again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="seed of the fresh instances")
    parser.add_argument("--count", type=int, default=10, help="number of fresh instances")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--shipped", action="store_true", help="write the shipped splits instead")
    arguments = parser.parse_args()
    if arguments.shipped:
        ship(arguments.out)
    else:
        generate(arguments.seed, arguments.count, arguments.out)


if __name__ == "__main__":
    main()
