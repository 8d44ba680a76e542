"""Generator of pipelined scheduling instances: real loop kernels and random loops, on too few units.

:mod:`loop_drawing` draws loops. In half of the instances the interval is open, from MinII on. In the others it is
given: the least one, of at least phi * MinII with phi drawn between 1 and 1.6, at which one pass of list
scheduling comes out.

A draw is kept only if it is not easy, see :func:`is_hard`. Nothing else selects instances, neither the expert nor a
hand: shipped and fresh ones differ in their seeds and sizes alone.

It needs the extra ``heurigym[experts]``.
"""

import argparse
import gzip
import json
import math
import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from loop_drawing import draw

from heurigym.experts.scheduling.modulo.annealing import Effort, improve
from heurigym.experts.scheduling.modulo.bounds import least_interval
from heurigym.experts.scheduling.modulo.iterative import schedule_at, schedule_loop
from heurigym.experts.scheduling.modulo.loop import Loop, Schedule, loop_from_json, objective, registers

SHIPPED_SEED = 2026
DEMO_SIZES = (40, 100, 300, 1000, 3000)
EVAL_SIZES = (30, 40, 50, 60, 80, 100, 120, 150, 180, 220, 260, 300, 350, 400, 500, 600, 700, 800, 1000, 1200)
EVAL_SIZES += (1500, 2000, 3000, 5000, 10_000, 10_000)
PACKED_FROM = 1000
"""Instances of at least this many operations are stored gzipped."""

EASY = 0.995
"""A draw is dropped when a trivial heuristic reaches this quality against the best known."""
ONE_PASS_MARGIN = 0.92
"""A draw is dropped when one pass of list scheduling reaches this quality against a quick search."""
_QUICK = Effort(rounds=4, moves=40_000, growth=1.0)
_SLOWEST = 1.5
"""A given interval is at most this many times MinII, or the draw is dropped."""
_MOST_TRIED = 25
"""Intervals above the first at which one pass is tried."""


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
    """The first instance that is not easy in the sequence of draws that ``seed`` starts."""
    source = random.Random(seed)
    given = source.random() < 0.5
    while True:
        content = draw(source, size)
        if content is None:
            continue
        content["interval"] = _interval(source, loop_from_json(content), given)
        if content["interval"] is not None and is_hard(loop_from_json(content), source.randrange(1 << 30)):
            return content


def _interval(source: random.Random, loop: Loop, given: bool) -> dict[str, Any] | None:
    """The field ``interval``, ``None`` if one pass of list scheduling comes out at no interval near MinII."""
    least = least_interval(loop)
    if not given:
        return {"least": least, "most": None, "weight": int(loop.bits.sum()) + 1}
    first = math.ceil(least * source.choice((1.0, 1.1, 1.3, 1.6)))
    last = min(first + _MOST_TRIED, math.ceil(max(first, least * _SLOWEST)))
    for interval in range(first, last + 1):
        if schedule_at(loop, interval, replacements=0) is not None:
            return {"least": interval, "most": interval, "weight": 0}
    return None


def is_hard(loop: Loop, seed: int) -> bool:
    """Whether a quick search is clearly better than simple methods.

    With C the objective that a short annealing of the best simple schedule reaches, one pass of list scheduling has
    a quality of at most ``ONE_PASS_MARGIN``, and no trivial heuristic has ``EASY``.
    """
    simple = trivial_schedules(loop)
    if not simple:
        return False
    begin = min(simple.values(), key=lambda schedule: objective(loop, schedule))
    best = objective(loop, improve(loop, begin, seed, effort=_QUICK))
    qualities = {name: best / objective(loop, schedule) for name, schedule in simple.items()}
    return qualities["one pass"] <= ONE_PASS_MARGIN and not is_easy(qualities)


def is_easy(qualities: dict[str, float]) -> bool:
    """Whether a trivial heuristic is as good as the best known."""
    return max(qualities.values()) >= EASY


def trivial_schedules(loop: Loop) -> dict[str, Schedule]:
    """What one pass of list scheduling and Rau's iterative modulo scheduling find; empty if one finds nothing."""
    one_pass, iterative = schedule_loop(loop, replacements=0), schedule_loop(loop)
    if one_pass is None or iterative is None or not registers(loop, iterative):
        return {}
    return {"one pass": one_pass, "iterative": iterative}


def write(content: dict[str, Any], name: str, folder: Path) -> None:
    """Write an instance as ``name`` into ``folder``, gzipped if it is large, the same bytes each time."""
    fields = [f'"{key}": {json.dumps(content[key])}' for key in ("name", "interval", "resources")]
    for key in ("operations", "edges"):
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in content[key])
        fields.append(f'"{key}": [\n{rows}\n]')
    text = "{\n" + ",\n".join(fields) + "\n}\n"
    path = folder / f"{name}.json"
    if len(content["operations"]) < PACKED_FROM:
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
