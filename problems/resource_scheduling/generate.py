"""Generator of resource scheduling instances: chains of kernels, and random graphs in layers.

Half of the instances put jobs of a few kernels, each feeding the next, side by side until the graph is large
enough; the others are random graphs in layers. Delays, occupancies and areas are drawn for each type; the deadline
is the length of the longest path.

A draw is dropped when a trivial heuristic comes close to a short local search (see :func:`discriminates`). What is
best known of an instance can only be better than that search, so the heuristics are at least as far from it.
Nothing else selects instances: shipped and fresh ones differ in their seeds and sizes alone.

Needs the extra ``experts`` (numba).
"""

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from arithmetic_kernels import KERNELS
from arithmetic_recording import Recorder, Value

from heurigym.experts.scheduling.graph import Graph, Ints
from heurigym.experts.scheduling.resource.bounds import work_units
from heurigym.experts.scheduling.resource.lists import list_schedule, searched_caps
from heurigym.experts.scheduling.resource.problem import ResourceProblem
from heurigym.experts.scheduling.resource.search import MoveBudget, local_search

SHIPPED_SEED = 2026
DEMO_SIZES = (80, 200, 500, 1500, 6000)
EVAL_SIZES: tuple[int, ...] = (60, 80, 100, 120, 150, 180, 220, 270, 330, 400, 500, 600, 700, 850, 1000, 1200, 1500)
EVAL_SIZES += (2000, 2500, 3000, 4000, 5000, 7000, 10_000, 14_000, 20_000)
PACKED_FROM = 1000
"""Instances of at least this many nodes are stored gzipped."""

ONE_PASS_QUALITY = 0.92
"""A draw is dropped when the best of all one-pass schedules reaches this quality."""
TRIVIAL_QUALITY = 0.98
"""A draw is dropped when list scheduling with caps found by binary search reaches this quality."""
SEARCH_MOVES_PER_NODE = 1000
MOST_SEARCH_MOVES = 4_000_000

DELAYS = {
    "add": (1, 2),
    "sub": (1, 2),
    "cmp": (1,),
    "xor": (1,),
    "shift": (1,),
    "mul": (2, 3, 4),
    "div": (5, 8, 12),
    "sqrt": (6, 10, 14),
}
"""Cycles that an operation may take, by type."""
AREAS = {
    "add": (2, 4),
    "sub": (2, 4),
    "cmp": (1, 3),
    "xor": (1, 2),
    "shift": (1, 2),
    "mul": (6, 20),
    "div": (15, 40),
    "sqrt": (20, 50),
}
"""Least and largest area of a unit, by type."""
CHEAP = ("add", "sub", "cmp", "xor", "shift")
"""Types that one type of unit, an arithmetic-logic unit, does in half of the instances."""
_MISFITS = 30


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` fresh instances, the same ones for the same seed, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = random.Random(f"sizes {seed}").choices(EVAL_SIZES, k=count)
    for index, size in enumerate(sizes):
        write(draw_discriminating(f"fresh {seed} {index}", size), f"fresh{index:02d}_{size}", folder)


def ship(folder: Path) -> None:
    """Write the instances that this folder ships, into the folders ``demo`` and ``eval`` of ``folder``."""
    for split, sizes in (("demo", DEMO_SIZES), ("eval", EVAL_SIZES)):
        (folder / split).mkdir(parents=True, exist_ok=True)
        for index, size in enumerate(sizes):
            content = draw_discriminating(f"shipped {split} {SHIPPED_SEED} {index}", size)
            write(content, f"{split}{index:02d}_{size}", folder / split)


def draw_discriminating(seed: str, size: int) -> dict[str, Any]:
    """The first draw of at most ``size`` nodes that discriminates, in the sequence that ``seed`` starts."""
    source = random.Random(seed)
    draw_graph = source.choice((draw_kernels, draw_layers))
    while True:
        content = draw(source, draw_graph(source, size))
        if discriminates(ResourceProblem.from_json(content)):
            return content


def discriminates(problem: ResourceProblem) -> bool:
    """Whether trivial heuristics are measurably worse than a short local search that begins at the best of them."""
    one_pass = one_pass_schedules(problem)
    caps = searched_caps(problem, work_units(problem))
    allowed = min(
        ONE_PASS_QUALITY * min(map(problem.objective, one_pass)), TRIVIAL_QUALITY * problem.objective(caps)
    )
    least = work_units(problem)
    if int(least @ problem.weight) >= allowed:
        return False
    best = min([*one_pass, caps], key=problem.objective)
    budget = MoveBudget(min(MOST_SEARCH_MOVES, SEARCH_MOVES_PER_NODE * problem.nodes))
    return problem.objective(local_search(problem, best, least, budget, 1)) < allowed


def one_pass_schedules(problem: ResourceProblem) -> list[Ints]:
    """Everything earliest, everything latest, and list schedules from one unit, and from what the work needs."""
    work = work_units(problem)
    lists = [list_schedule(problem, units) for units in (np.ones_like(work), work)]
    return [problem.earliest, problem.latest, *lists]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A graph as drawn: its name, the type of each node, and its edges."""

    name: str
    kinds: list[str]
    edges: list[tuple[int, int]]


def draw(source: random.Random, drawn: Drawn) -> dict[str, Any]:
    """An instance with a graph, on hardware that is drawn."""
    kinds = drawn.kinds
    if source.random() < 0.5:
        kinds = ["alu" if kind in CHEAP else kind for kind in kinds]
    hardware: dict[str, dict[str, int]] = {"delay": {}, "occupancy": {}, "weight": {}}
    for kind in sorted(set(kinds)):
        model = "add" if kind == "alu" else kind
        delay = source.choice(DELAYS[model])
        hardware["delay"][kind] = delay
        hardware["occupancy"][kind] = source.choice((1, -(-delay // 2), delay))
        hardware["weight"][kind] = source.randint(*AREAS[model])
    deadline = Graph.of([hardware["delay"][kind] for kind in kinds], drawn.edges).critical_path
    return {"name": drawn.name, **hardware, "deadline": deadline, **_shuffled(source, kinds, drawn.edges)}


def draw_kernels(source: random.Random, size: int) -> Drawn:
    """Jobs of a few kernels of different sizes side by side, until ``_MISFITS`` jobs in a row are too large."""
    names = source.sample(sorted(KERNELS), source.randint(2, 5))
    longest = source.randint(1, 3) if size < 1000 else source.randint(2, 8)
    used: set[str] = set()
    kinds: list[str] = []
    edges: list[tuple[int, int]] = []
    misfits = 0
    while misfits < _MISFITS or not kinds:
        job = source.choices(names, k=source.randint(1, longest))
        recorder = _record([(name, source.randint(*KERNELS[name][1:])) for name in job])
        if len(kinds) + len(recorder.kinds) > size:
            misfits += 1
            longest = max(1, longest - 1)
            continue
        edges += [(tail + len(kinds), head + len(kinds)) for tail, head in recorder.edges]
        kinds += recorder.kinds
        used.update(job)
        if len(kinds) > 0.95 * size:
            break
    return Drawn("+".join(sorted(used)), kinds, edges)


def _record(job: Sequence[tuple[str, int]]) -> Recorder:
    """The kernels of a job, each reading the outputs of the ones before first, then inputs."""
    recorder = Recorder()
    values: list[Value] = []
    for name, size in job:
        queue = list(values)

        def read(queue: list[Value] = queue) -> Value:
            return queue.pop(0) if queue else recorder.input()

        values = [value for value in KERNELS[name][0](read, size) if isinstance(value, Value)] + queue
    return recorder


def draw_layers(source: random.Random, size: int) -> Drawn:
    """A random graph in layers: operands come from the layer before, from earlier ones, or from outside."""
    kinds_drawn = source.sample(sorted(DELAYS), source.randint(2, 6))
    shares = [source.uniform(0.2, 1.0) for _ in kinds_drawn]
    depth = max(4, round(size ** source.uniform(0.4, 0.75)))
    far, inputs = source.uniform(0.05, 0.4), source.uniform(0.05, 0.4)
    kinds: list[str] = []
    edges: list[tuple[int, int]] = []
    layers: list[list[int]] = []
    widths = [source.uniform(0.3, 1.7) for _ in range(depth)]
    for width in widths:
        layer = []
        for _ in range(max(1, int(width * size / sum(widths)))):
            node = len(kinds)
            kinds.append(source.choices(kinds_drawn, shares)[0])
            layer.append(node)
            operands = set()
            for _ in range(1 if kinds[-1] in ("sqrt", "shift") else 2):
                if layers and source.random() >= inputs:
                    origin = source.choice(layers) if source.random() < far else layers[-1]
                    operands.add(source.choice(origin))
            edges += [(operand, node) for operand in sorted(operands)]
        layers.append(layer)
    return Drawn("layers", kinds, edges)


def _shuffled(source: random.Random, kinds: Sequence[str], edges: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Nodes and edges as the instance's file holds them, shuffled, so that ids and order tell nothing."""
    order = list(range(len(kinds)))
    source.shuffle(order)
    identifiers = {node: f"n{place}" for place, node in enumerate(order)}
    places: Counter[int] = Counter()
    rows = []
    for tail, head in source.sample(edges, len(edges)):
        rows.append([identifiers[tail], identifiers[head], str(places[head])])
        places[head] += 1
    return {"nodes": [[identifiers[node], kinds[node]] for node in order], "edges": rows}


def write(content: dict[str, Any], name: str, folder: Path) -> None:
    """Write an instance as ``name`` into ``folder``, gzipped if it is large, the same bytes each time."""
    fields = [
        f'"{key}": {json.dumps(content[key])}' for key in ("name", "delay", "occupancy", "weight", "deadline")
    ]
    for key in ("nodes", "edges"):
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in content[key])
        fields.append(f'"{key}": [\n{rows}\n]')
    text = "{\n" + ",\n".join(fields) + "\n}\n"
    path = folder / f"{name}.json"
    if len(content["nodes"]) < PACKED_FROM:
        path.write_text(text, encoding="utf-8")
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def main() -> None:
    """Command line: fresh instances, or the shipped ones again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
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
