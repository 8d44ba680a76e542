"""Drawing a loop: kernels mixed and unrolled, or a random graph, and hardware that it fills.

An instance is drawn in three steps. A body is recorded: jobs of one to three kernels, each feeding the next, side
by side until there are enough operations, or a random graph with recurrences. Latencies and blocking times are
drawn for each resource. Units are drawn so that each limited resource is busy for about as long as the slowest
recurrence takes, or a few times as long: only there do recurrences and units compete.
"""

import random
from collections import Counter
from typing import Any

from loop_kernels import KERNELS
from loop_trace import Trace, Value, load, store

from heurigym.experts.scheduling.modulo.bounds import recurrence_interval
from heurigym.experts.scheduling.modulo.loop import Loop, loop_from_json

SIZES = {
    "iir_biquads": (1, 6),
    "lattice": (3, 10),
    "fir": (4, 24),
    "moving_average": (3, 12),
    "horner_feedback": (3, 10),
    "dot_product": (1, 8),
    "jacobi": (1, 6),
    "gauss_seidel": (2, 8),
    "lu_update": (1, 8),
    "fft_pass": (1, 4),
    "cordic": (4, 12),
    "crc": (2, 8),
    "fnv": (1, 3),
    "quarter_rounds": (1, 2),
    "sha_rounds": (1, 3),
    "xorshift_walk": (1, 4),
    "adler": (1, 4),
    "adaptive_filter": (2, 12),
    "mandelbrot": (1, 4),
    "viterbi": (1, 6),
    "normalised_energy": (1, 3),
    "histogram": (1, 5),
}
"""Smallest and largest size of each kernel."""

LATENCIES = {
    "load": (1, 2, 2, 3),
    "store": (1,),
    "add": (1, 1, 2, 4),
    "mul": (2, 3, 4),
    "div": (6, 9, 14),
    "logic": (0, 0, 1),
    "cmp": (0, 1),
}
"""Latencies that an operation may have, by resource."""
SEMIPIPELINED = {"mul": 0.3, "div": 0.7, "load": 0.15}
"""How often a resource takes new operations only every few cycles."""
PLENTIFUL = {"logic": 0.7, "cmp": 0.8, "store": 0.2}
"""How often a resource has as many units as one likes."""

Edge = tuple[int, int, int, bool]


def draw(source: random.Random, size: int) -> dict[str, Any] | None:
    """One draw of at most ``size`` operations, ``None`` when what was drawn fills it badly.

    The interval is left open: ``interval`` is missing.
    """
    if source.random() < 0.25:
        name, kinds, bits, edges = _random_body(source, size)
    else:
        name, kinds, bits, edges = _kernel_body(source, size)
    if len(kinds) < 0.7 * size:
        return None
    resources = _draw_resources(source, kinds)
    operations = [[f"o{index}", kind, width] for index, (kind, width) in enumerate(zip(kinds, bits, strict=True))]
    rows = [[f"o{a}", f"o{b}", 0, distance, "data" if data else "order"] for a, b, distance, data in edges]
    content = {
        "name": name,
        "interval": {"least": 1, "most": None, "weight": 0},
        "resources": resources,
        "operations": operations,
        "edges": rows,
    }
    _draw_units(source, content)
    return _shuffled(source, content)


def _kernel_body(source: random.Random, size: int) -> tuple[str, list[str], list[int], list[Edge]]:
    names = source.sample(sorted(SIZES), source.randint(1, 4))
    weights = [source.uniform(0.2, 1.0) for _ in names]
    piped = source.random() < 0.5
    used: set[str] = set()
    kinds: list[str] = []
    bits: list[int] = []
    edges: list[Edge] = []
    for _ in range(size):
        job = source.choices(names, weights, k=source.randint(1, 3) if piped else 1)
        trace = _traced(source, job)
        if len(kinds) + len(trace.nodes) > size:
            if len(kinds) >= 0.7 * size:
                break
            continue
        base = len(kinds)
        edges += [(base + tail, base + head, distance, data) for tail, head, distance, data in trace.edges()]
        kinds += [node.kind for node in trace.nodes]
        bits += [node.bits for node in trace.nodes]
        used.update(job)
    return "+".join(sorted(used)), kinds, bits, edges


def _traced(source: random.Random, job: list[str]) -> Trace:
    """The kernels of a job, each reading the outputs of the one before first, then memory."""
    trace = Trace()
    values: list[Value] = []
    for name in job:
        queue = list(values)

        def read(queue: list[Value] = queue) -> Value:
            return queue.pop(0) if queue else load(trace, int)

        values = KERNELS[name](trace, read, source.randint(*SIZES[name])) + queue
    for value in values:
        if source.random() < 0.7:
            store(value)
    return trace


def _random_body(source: random.Random, size: int) -> tuple[str, list[str], list[int], list[Edge]]:
    """Operations with one or two operands among the few hundred before, and some edges back."""
    kinds = source.choices(("load", "add", "mul", "logic", "div"), (3, 6, 3, 4, 0.3), k=size)
    bits = source.choices((1, 8, 16, 32, 64), (1, 2, 3, 6, 2), k=size)
    reach = source.choice((12, 40, 150))
    edges: dict[tuple[int, int, int, bool], None] = {}
    for target in range(1, size):
        if kinds[target] == "load":
            continue
        for _ in range(source.randint(1, 2)):
            tail = max(0, target - 1 - int(source.expovariate(1.0 / reach)))
            edges[tail, target, 1 if source.random() < 0.04 else 0, True] = None
    for _ in range(max(1, size // source.choice((8, 15, 40)))):
        tail = source.randrange(size)
        head = max(0, tail - source.randint(0, 6))
        edges[tail, head, source.randint(1, 3), source.random() < 0.8] = None
    return "random", kinds, bits, list(edges)


def _draw_resources(source: random.Random, kinds: list[str]) -> dict[str, Any]:
    resources = {}
    for kind in sorted(set(kinds)):
        latency = source.choice(LATENCIES[kind])
        slow = latency > 1 and source.random() < SEMIPIPELINED.get(kind, 0.0)
        blocking = source.randint(2, latency) if slow else 1
        plenty = source.random() < PLENTIFUL.get(kind, 0.0)
        resources[kind] = {"latency": latency, "blocking": blocking, "units": None if plenty else 1}
    return resources


def _draw_units(source: random.Random, content: dict[str, Any]) -> None:
    """Units for about the same interval everywhere, which is some times the slowest recurrence's."""
    loop: Loop = loop_from_json(content)
    recurrence = recurrence_interval(loop)
    interval = max(recurrence, round(recurrence * source.uniform(0.8, 2.5)), source.randint(3, 24))
    work = Counter(kind for _, kind, _ in content["operations"])
    for kind, row in content["resources"].items():
        if row["units"] is not None:
            cycles = work[kind] * row["blocking"]
            row["units"] = max(1, round(cycles / (interval * source.uniform(0.75, 1.0))))


def _shuffled(source: random.Random, content: dict[str, Any]) -> dict[str, Any]:
    """The same loop with operations renamed and rows in another order, so that neither tells anything."""
    operations = content["operations"]
    source.shuffle(operations)
    source.shuffle(content["edges"])
    seen: Counter[str] = Counter()
    names = {}
    for row in operations:
        names[row[0]] = f"{row[1]}{seen[row[1]]}"
        seen[row[1]] += 1
        row[0] = names[row[0]]
    for row in content["edges"]:
        row[0], row[1] = names[row[0]], names[row[1]]
    return content
