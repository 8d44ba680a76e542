"""Generator of memory scheduling instances: circuits gate by gate, and kernels with wide values.

An instance is drawn in three steps. A design (a circuit, or jobs of kernels side by side) is drawn and sized to
the wanted number of nodes. Latencies are drawn, all one or one for each kind of operation; gates take one step and
have one bit. The deadline is the length of the longest path times a factor between one and four.

A draw is kept only if it is not easy (see :func:`is_hard`). Nothing else selects instances, neither the baseline
nor a hand: shipped and fresh ones differ in their seeds and sizes alone. Needs ``heurigym[experts]``.
"""

import argparse
import gzip
import json
import random
from pathlib import Path
from typing import Any

from heurigym.experts.mapping.designs import build_design
from heurigym.experts.scheduling.memory.kernels import KERNELS
from heurigym.experts.scheduling.memory.lists import forward_list, list_schedules
from heurigym.experts.scheduling.memory.moves import Cooling, anneal
from heurigym.experts.scheduling.memory.problem import MemoryProblem
from heurigym.experts.scheduling.memory.trace import Trace

SHIPPED_SEED = 2026
DEMO_SIZES = (150, 400, 1000, 3000, 10_000)
EVAL_SIZES: tuple[int, ...] = (120, 180, 250, 300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1500, 2000, 2500)
EVAL_SIZES += (3000, 4000, 5000, 7000, 10_000, 10_000, 15_000, 25_000, 50_000)
PACKED_FROM = 2000
"""Instances of at least this many nodes are stored gzipped."""

TRIVIAL_MARGIN = 0.995
LIST_MARGIN = 0.93
FACTORS = (1.0, 1.0, 1.2, 1.5, 2.0, 4.0)
"""Deadlines, as multiples of the longest path."""

CIRCUITS = (
    "aes_sbox",
    "alu",
    "arbiter",
    "array_multiplier",
    "booth_multiplier",
    "comparator",
    "cordic",
    "dadda_multiplier",
    "divider",
    "fir",
    "float_adder",
    "hamming",
    "instruction_decoder",
    "memory_controller",
    "multiply_accumulate",
    "prefix_adder",
    "priority_encoder",
    "ripple_adder",
    "sha256_rounds",
    "sorter",
    "square_root",
    "voter",
)
LATENCIES = {"input": (1, 2), "add": (1, 2), "mul": (2, 3, 4), "div": (6, 8, 12), "cmp": (1,), "logic": (1,)}
"""Steps that an operation may take where latencies are mixed, by kind."""
INPUT_BITS = (8, 12, 16, 24, 32)


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
    """The first hard instance of at most ``size`` nodes in the sequence of draws that ``seed`` starts."""
    source = random.Random(seed)
    while True:
        content = draw(source, size)
        if content and is_hard(MemoryProblem.of(content)):
            return content


def is_hard(problem: MemoryProblem) -> bool:
    """Whether easy methods are measurably worse than a quick good one.

    With P the peak that one short annealing finds from the best one-pass schedule: the better of the schedules
    without any choice (as soon and as late as possible) has a quality below ``TRIVIAL_MARGIN`` against P, and the
    one-pass list schedule one of at most ``LIST_MARGIN``.
    """
    schedules = list(list_schedules(problem).values())
    begin = min(schedules, key=problem.peak)
    quick = problem.peak(anneal(problem, begin, Cooling(20 * problem.nodes + 50_000), 0))
    trivial = min(problem.peak(problem.earliest), problem.peak(problem.latest))
    return quick < TRIVIAL_MARGIN * trivial and quick <= LIST_MARGIN * problem.peak(forward_list(problem))


def draw(source: random.Random, size: int) -> dict[str, Any] | None:
    """One draw of at most ``size`` nodes; none when what was drawn fills it badly."""
    factor = source.choice(FACTORS)
    if source.random() < 0.5:
        name, rows, edges, outputs = _circuit(source, size)
    else:
        name, rows, edges, outputs = _kernels(source, size)
    if len(rows) < 0.6 * size:
        return None
    content = _content(name, source, rows, edges, outputs)
    unbounded = MemoryProblem.of(content | {"deadline": sum(steps for steps, _ in rows)})
    content["deadline"] = round(factor * unbounded.graph.critical_path)
    return content


Drawn = tuple[str, list[tuple[int, int]], list[tuple[int, int]], set[int]]
"""A name, (latency, bits) of each node, edges, and outputs."""


def _circuit(source: random.Random, size: int) -> Drawn:
    """The largest size of a design whose graph has at most ``size`` nodes: one for each input and each gate."""
    design = source.choice(CIRCUITS)
    seed = source.getrandbits(32)
    best: Drawn = (design, [], [], set())
    low, high = 2, 4096
    while low <= high:
        middle = min((low + high) // 2, 2 * low)
        drawn = _graph_of_gates(design, middle, seed)
        if drawn is not None and len(drawn[1]) <= size:
            best = drawn if len(drawn[1]) > len(best[1]) else best
            low = middle + 1
        else:
            high = middle - 1
    return best


def _graph_of_gates(design: str, size: int, seed: int) -> Drawn | None:
    try:
        aig = build_design(design, size, seed)
    except (IndexError, ValueError):
        return None
    nodes = aig.inputs + len(aig.gates)
    edges = sorted(
        {
            ((literal >> 1) - 1, aig.inputs + gate)
            for gate, pair in enumerate(aig.gates.tolist())
            for literal in pair
        }
    )
    outputs = {(literal >> 1) - 1 for literal in aig.outputs.tolist() if literal > 1}
    return f"{design}_{size}", [(1, 1)] * nodes, edges, outputs


def _kernels(source: random.Random, size: int) -> Drawn:
    """Jobs of kernels side by side, some fed by the one before, as many as fit."""
    trace = Trace()
    outputs: set[int] = set()
    used = []
    bits = source.choice(INPUT_BITS)
    piped = source.random() < 0.4
    share = source.choice((1.0, 0.5, 0.25))
    names = source.sample(sorted(KERNELS), source.randint(1, 3))
    while True:
        job = source.sample(names, min(len(names), 2 if piped else 1))
        grown = _grown(trace, job, bits, share * size, size - len(trace.kinds))
        if grown is None:
            break
        outputs |= grown
        used += job
    kinds = sorted(set(trace.kinds))
    mixed = source.random() < 0.6
    latency = {kind: source.choice(LATENCIES[kind]) if mixed else 1 for kind in kinds}
    rows = [(latency[kind], width) for kind, width in zip(trace.kinds, trace.bits, strict=True)]
    return "+".join(sorted(set(used))), rows, trace.edges, outputs


def _grown(trace: Trace, job: list[str], bits: int, wanted: float, room: int) -> set[int] | None:
    """Append the job in the largest size below ``wanted`` nodes that fits; its outputs, or none if none fits."""
    best: Trace | None = None
    outputs: set[int] = set()
    for size in range(1, 200):
        tried = Trace()
        values: list[Any] = []
        for name in job:
            queue = list(values)

            def read(queue: list[Any] = queue, tried: Trace = tried) -> Any:
                return queue.pop(0) if queue else tried.record("input", bits)

            values = [value for value in KERNELS[name](read, size) if not isinstance(value, float | int)] + queue
        if len(tried.kinds) > min(wanted, room):
            break
        best, outputs = tried, {value.node for value in values}
    if best is None or len(best.kinds) < 0.05 * wanted:
        return None
    shift = len(trace.kinds)
    trace.kinds += best.kinds
    trace.bits += best.bits
    trace.edges += [(tail + shift, head + shift) for tail, head in best.edges]
    return {node + shift for node in outputs}


def _content(
    name: str,
    source: random.Random,
    rows: list[tuple[int, int]],
    edges: list[tuple[int, int]],
    outputs: set[int],
) -> dict[str, Any]:
    """The instance as its file holds it; nodes, edges and outputs shuffled, so that their order tells nothing."""
    order = list(range(len(rows)))
    source.shuffle(order)
    identifier = {node: f"n{place}" for place, node in enumerate(order)}
    shuffled = source.sample(edges, len(edges))
    return {
        "name": name,
        "deadline": 0,
        "nodes": [[identifier[node], *rows[node]] for node in order],
        "edges": [[identifier[tail], identifier[head]] for tail, head in shuffled],
        "outputs": [identifier[node] for node in source.sample(sorted(outputs), len(outputs))],
    }


def write(content: dict[str, Any], name: str, folder: Path) -> None:
    """Write an instance as ``name`` into ``folder``, gzipped if it is large, the same bytes each time."""
    fields = [f'"{key}": {json.dumps(content[key])}' for key in ("name", "deadline")]
    for key in ("nodes", "edges", "outputs"):
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
