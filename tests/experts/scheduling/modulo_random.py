"""Small random loops, and their optimum by trying everything."""

import itertools
import random
from typing import Any

import numpy as np

from heurigym.experts.scheduling.modulo.loop import Loop, Schedule, is_feasible, loop_from_json, registers


def random_content(seed: int, size: int) -> dict[str, Any]:
    """An instance of ``size`` operations with recurrences, latency 0, and units that are few or plenty."""
    source = random.Random(seed)
    resources = {
        "add": {"latency": source.randint(0, 2), "blocking": 1, "units": source.choice((1, 2))},
        "mul": {"latency": source.randint(1, 3), "blocking": source.randint(1, 4), "units": source.choice((1, 2))},
        "wire": {"latency": 0, "blocking": 0, "units": None},
    }
    operations = [
        [f"n{index}", source.choice(sorted(resources)), source.choice((1, 4, 8))] for index in range(size)
    ]
    edges = []
    for _ in range(2 * size):
        tail, head = source.randrange(size), source.randrange(size)
        distance = 0 if tail < head else source.randint(1, 2)
        edges.append([f"n{tail}", f"n{head}", source.choice((0, 0, 1)), distance, source.choice(("data", "order"))])
    return {
        "name": "random",
        "interval": {"least": 1, "most": None, "weight": 100},
        "resources": resources,
        "operations": operations,
        "edges": edges,
    }


def random_loop(seed: int, size: int) -> Loop:
    """The loop of :func:`random_content`."""
    return loop_from_json(random_content(seed, size))


def best_registers(loop: Loop, interval: int, last: int) -> int | None:
    """Fewest registers of all schedules with starts up to ``last``, ``None`` if there is none."""
    found = []
    for starts in itertools.product(range(last + 1), repeat=len(loop)):
        schedule = Schedule(interval, np.array(starts, dtype=np.int64))
        if is_feasible(loop, schedule):
            found.append(registers(loop, schedule))
    return min(found, default=None)
