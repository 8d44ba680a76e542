"""Generator of operator scheduling instances: real kernels, unrolled and mixed, on too few units.

An instance is drawn in three steps. Two to five kernels are drawn; jobs of one to three of them, each feeding
the next, are put side by side until the graph is large enough. Delays are drawn for each type. Units are drawn
so that the work of each type fills its units for about as long as the longest path takes: only there does the
order of operations matter.

A draw is kept only if quick schedules show that it is not easy (see :func:`is_tight`). Nothing else selects
instances, neither the baseline nor a hand: shipped and fresh ones differ in their seeds and sizes alone.
"""

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from dataflow_kernels import KERNELS
from dataflow_trace import Trace, Value
from list_scheduling import (
    Graph,
    critical_path_schedule,
    justified,
    latency,
    parallel_schedule,
    random_order,
    serial_schedule,
)

SHIPPED_SEED = 2026
DEMO_SIZES = (60, 150, 400, 1000, 10000)
EVAL_SIZES: tuple[int, ...] = (40, 60, 80, 100, 120, 150, 180, 220, 260, 300, 350, 400, 450, 500, 600, 700, 800)
EVAL_SIZES += (1000, 1000, 1000, 1500, 2500, 5000, 10000, 10000, 50000, 50000)
PACKED_FROM = 2000
"""Instances of at least this many nodes are stored gzipped."""

CRITICAL_PATH_MARGIN = 0.95
RANDOM_MARGIN = 0.80

SIZES = {
    "fir_direct": (6, 40),
    "fir_tree": (8, 64),
    "fir_symmetric": (6, 30),
    "fir_transposed": (4, 20),
    "iir_biquads": (2, 10),
    "iir_recurrence": (4, 30),
    "ar_lattice": (4, 20),
    "elliptic_wave_filter": (1, 6),
    "differential_equation": (1, 8),
    "dct": (8, 8),
    "dct_block": (4, 4),
    "fft": (4, 16),
    "matrix_product": (2, 6),
    "convolution": (4, 8),
    "horner": (4, 30),
    "estrin": (3, 5),
    "cholesky": (3, 8),
    "lu": (3, 7),
    "back_substitution": (3, 8),
    "normalise": (4, 16),
    "givens": (2, 5),
    "cordic": (4, 16),
    "adaptive_filter": (1, 8),
}
"""Smallest and largest size of each kernel."""

DELAYS = {
    "load": (1, 2, 3),
    "store": (1,),
    "add": (1, 2),
    "sub": (1, 2),
    "mul": (2, 3, 4, 6),
    "div": (6, 8, 12, 16, 20),
    "sqrt": (8, 12, 16, 24),
    "cmp": (1,),
    "shift": (1,),
}
"""Cycles that an operation may take, by type."""


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` fresh instances, the same ones for the same seed, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = random.Random(f"sizes {seed}").choices(EVAL_SIZES, k=count)
    for index, size in enumerate(sizes):
        write(draw_tight(f"fresh {seed} {index}", size), f"fresh{index:02d}_{size}", folder)


def ship(folder: Path) -> None:
    """Write the instances that this folder ships, into the folders ``demo`` and ``eval`` of ``folder``."""
    for split, sizes in (("demo", DEMO_SIZES), ("eval", EVAL_SIZES)):
        (folder / split).mkdir(parents=True, exist_ok=True)
        for index, size in enumerate(sizes):
            write(
                draw_tight(f"shipped {split} {SHIPPED_SEED} {index}", size),
                f"{split}{index:02d}_{size}",
                folder / split,
            )


def draw_tight(seed: str, size: int) -> dict[str, Any]:
    """The first tight instance of at most ``size`` nodes in the sequence of draws that ``seed`` starts."""
    source = random.Random(seed)
    while True:
        content = draw(source, size)
        if content and is_tight(Graph.from_json(content), source):
            return content


def is_tight(graph: Graph, source: random.Random) -> bool:
    """Whether easy methods are measurably worse than a quick good one, and that one does not meet the bound.

    With L the least latency that ten forward-backward passes find from two different starts: one pass of
    critical-path list scheduling has a quality of at most ``CRITICAL_PATH_MARGIN`` against L, three random
    topological orders have at most ``RANDOM_MARGIN`` on average, and L is above the combinatorial lower bound.
    """
    one_pass = critical_path_schedule(graph)
    noise = [source.random() for _ in range(len(graph))]
    starts = (one_pass, parallel_schedule(graph, noise))
    best = min(latency(graph, justified(graph, start, 10)) for start in starts)
    if best == graph.bound or best > CRITICAL_PATH_MARGIN * latency(graph, one_pass):
        return False
    orders = [random_order(graph, source) for _ in range(3)]
    return best * sum(1 / latency(graph, serial_schedule(graph, order)) for order in orders) <= 3 * RANDOM_MARGIN


def draw(source: random.Random, size: int) -> dict[str, Any] | None:
    """One draw of at most ``size`` nodes; none when the jobs that were drawn fill it badly."""
    names = source.sample(sorted(SIZES), source.randint(2, 5))
    sizes = {name: _draw_size(source, name) for name in names}
    weights = [source.uniform(0.2, 1.0) for _ in names]
    memory = source.random() < 0.5
    piped = source.random() < 0.5
    used: set[str] = set()
    kinds: list[str] = []
    edges: list[tuple[int, int, int]] = []
    while True:
        job = source.choices(names, weights, k=source.randint(1, 3) if piped else 1)
        trace = _trace([(name, sizes[name]) for name in job], memory)
        if len(kinds) + len(trace.kinds) > size:
            break
        edges += [(tail + len(kinds), head + len(kinds), place) for tail, head, place in trace.edges]
        kinds += trace.kinds
        used.update(job)
    if len(kinds) < 0.6 * size:
        return None
    if source.random() < 0.5:
        kinds = ["alu" if kind in ("add", "sub", "cmp", "shift") else kind for kind in kinds]
    delay = {kind: source.choice(DELAYS["add" if kind == "alu" else kind]) for kind in sorted(set(kinds))}
    units = _draw_units(source, kinds, edges, delay)
    return _content("+".join(sorted(used)), source, kinds, edges, delay, units)


def _draw_size(source: random.Random, name: str) -> int:
    least, most = SIZES[name]
    if name == "fft":
        return source.choice((4, 8, 16))
    return source.randint(least, most)


def _trace(job: Sequence[tuple[str, int]], memory: bool) -> Trace:
    """The kernels of a job, each reading the outputs of the one before first, then inputs of its own."""
    trace = Trace()
    values: list[Value] = []
    for name, size in job:
        queue = list(values)

        def read(queue: list[Value] = queue) -> Value:
            return queue.pop(0) if queue else trace.record("load")

        values = [value for value in KERNELS[name](read, size) if isinstance(value, Value)] + queue
    if memory:
        for value in values:
            trace.record("store", value)
        return trace
    return _without(trace, "load")


def _without(trace: Trace, kind: str) -> Trace:
    kept = {node: index for index, node in enumerate(n for n, own in enumerate(trace.kinds) if own != kind)}
    edges = [(kept[tail], kept[head], place) for tail, head, place in trace.edges if tail in kept]
    return Trace([trace.kinds[node] for node in kept], edges)


def _draw_units(
    source: random.Random, kinds: Sequence[str], edges: Sequence[tuple[int, int, int]], delay: dict[str, int]
) -> dict[str, int]:
    content = _content("", None, kinds, edges, delay, dict.fromkeys(delay, 1))
    span = max(Graph.from_json(content).tail) * source.uniform(0.7, 2.0)
    work = Counter(kinds)
    return {
        kind: max(1, round(work[kind] * delay[kind] / (span * source.uniform(0.7, 1.3)))) for kind in sorted(delay)
    }


def _content(
    name: str,
    source: random.Random | None,
    kinds: Sequence[str],
    edges: Sequence[tuple[int, int, int]],
    delay: dict[str, int],
    units: dict[str, int],
) -> dict[str, Any]:
    """The instance as its file holds it; ``source`` shuffles nodes and edges, so that their order tells nothing."""
    order = list(range(len(kinds)))
    rows = list(edges)
    if source:
        source.shuffle(order)
        source.shuffle(rows)
    seen: Counter[str] = Counter()
    identifiers = {}
    for node in order:
        identifiers[node] = f"{kinds[node]}{seen[kinds[node]]}"
        seen[kinds[node]] += 1
    return {
        "name": name,
        "delay": delay,
        "resource": units,
        "nodes": [[identifiers[node], kinds[node]] for node in order],
        "edges": [[identifiers[tail], identifiers[head], str(place)] for tail, head, place in rows],
    }


def write(content: dict[str, Any], name: str, folder: Path) -> None:
    """Write an instance as ``name`` into ``folder``, gzipped if it is large, the same bytes each time."""
    fields = [f'"{key}": {json.dumps(content[key])}' for key in ("name", "delay", "resource")]
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
