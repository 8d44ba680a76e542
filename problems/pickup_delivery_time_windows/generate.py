"""Generator of pickups and deliveries within time windows, in the spirit of Li and Lim's benchmark.

An instance is drawn in three steps. Places are drawn: in clusters, at random, or half and half, on a square that
grows with the number of requests. Requests are pairs of them, near each other or not, with a time at which each can
be served by a vehicle that does nothing else; windows around these times are narrow, wide, or varied, and the
horizon is short, for routes of some ten stops, or long. The fleet is that of a short large neighbourhood search for
the least distance and about seven percent more, at least one vehicle; so what that search finds is part of an
instance.

A draw is kept only if it is not easy (see :func:`is_hard`). Nothing else selects instances, neither the baseline
nor a hand: shipped and fresh ones differ in their seeds and sizes alone. Needs ``heurigym[experts]``.
"""

import argparse
import gzip
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from heurigym.experts.routing.annealing import Annealer
from heurigym.experts.routing.construction import cheapest_insertion, nearest_stops
from heurigym.experts.routing.network import PickupDelivery

SHIPPED_SEED = 2026
DEMO_SIZES = (10, 25, 50, 100, 200)
EVAL_SIZES: tuple[int, ...] = (10, 12, 15, 20, 20, 25, 25, 30, 35, 40, 45, 50)
EVAL_SIZES += (50, 60, 70, 80, 100, 100, 125, 150, 200, 250, 300, 400)
"""Numbers of requests; an instance has two customers for each."""
PACKED_FROM = 100
"""Instances of at least this many requests are stored gzipped."""

TRIVIAL_MARGIN = 0.995
INSERTION_MARGIN = 0.93
LAYOUTS = ("clustered", "random", "mixed")
HORIZONS = ("short", "long")
SHARES = {"narrow": (0.1,), "wide": (0.35,), "varied": (0.05, 0.15, 0.4, 1.0)}
"""Largest widths of windows, as shares of the horizon; with 1.0 there is none."""
KINDS = tuple(product(LAYOUTS, HORIZONS, SHARES))
_STRIDE = 7
"""Has no common divisor with the number of kinds."""
SERVICE = 10
_QUICK_STEPS, _QUICK_STEPS_EACH = 4000, 30
"""Steps of the search that sizes the fleet and tells easy draws: a number, or some for each request if more."""
_MORE_VEHICLES = 0.07


Stop = tuple[tuple[int, int], int, int, int]
"""A place, what is loaded there, and the earliest and latest start of service."""


@dataclass(frozen=True)
class Drawn:
    """An instance as its file holds it.

    Attributes:
        name: its name.
        vehicles: most routes.
        capacity: largest load.
        places: coordinates of each node, the depot first.
        rows: demand, earliest, latest, duration of service, pickup and delivery (numbers from 1) of each node.
    """

    name: str
    vehicles: int
    capacity: int
    places: Sequence[tuple[int, int]]
    rows: Sequence[tuple[int, int, int, int, int, int]]

    @property
    def requests(self) -> int:
        """Number of requests."""
        return len(self.places) // 2

    @property
    def text(self) -> str:
        """The file."""
        places = [f"{node} {x} {y}" for node, (x, y) in enumerate(self.places, 1)]
        rows = [" ".join(map(str, (node, *row))) for node, row in enumerate(self.rows, 1)]
        head = (
            f"NAME : {self.name}",
            "TYPE : PDPTW",
            f"DIMENSION : {len(self.places)}",
            f"VEHICLES : {self.vehicles}",
            f"CAPACITY : {self.capacity}",
            "EDGE_WEIGHT_TYPE : EXACT_2D",
        )
        lines = (*head, "NODE_COORD_SECTION", *places, "PICKUP_AND_DELIVERY_SECTION", *rows, "DEPOT_SECTION")
        return "\n".join((*lines, "1", "-1", "EOF")) + "\n"


def generate(seed: int, count: int, folder: Path) -> None:
    """Write ``count`` fresh instances, the same ones for the same seed, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    source = random.Random(f"sizes {seed}")
    sizes = source.choices(EVAL_SIZES, k=count)
    for index, size in enumerate(sizes):
        write(draw_hard(f"fresh {seed} {index}", size, source.choice(KINDS)), f"fresh{index:02d}_{size}", folder)


def ship(folder: Path) -> None:
    """Write the instances that this folder ships, into the folders ``demo`` and ``eval`` of ``folder``."""
    for split in ("demo", "eval"):
        (folder / split).mkdir(parents=True, exist_ok=True)
        for name, drawn in shipped(split):
            write(drawn, name, folder / split)


def shipped(split: str, most: int = max(EVAL_SIZES)) -> list[tuple[str, Drawn]]:
    """Names and contents of the shipped instances of a split with at most ``most`` requests.

    Kinds take turns, so that each is there and neighbours in size differ in layout.
    """
    sizes, first = (DEMO_SIZES, 0) if split == "demo" else (EVAL_SIZES, len(DEMO_SIZES))
    found = []
    for index, size in enumerate(sizes):
        if size <= most:
            kind = KINDS[_STRIDE * (first + index) % len(KINDS)]
            found.append(
                (f"{split}{index:02d}_{size}", draw_hard(f"shipped {split} {SHIPPED_SEED} {index}", size, kind))
            )
    return found


def draw_hard(seed: str, size: int, kind: tuple[str, str, str]) -> Drawn:
    """The first hard instance of ``size`` requests in the sequence of draws that ``seed`` starts."""
    source = random.Random(seed)
    while True:
        drawn = draw(source, size, kind)
        quick = quick_search(drawn)
        if is_hard(quick):
            used = len(quick.routes)
            return replace(drawn, vehicles=used + max(1, round(_MORE_VEHICLES * used)))


def quick_search(drawn: Drawn) -> Annealer:
    """A short search for the least distance, with the vehicles of cheapest insertion and some more."""
    used = len(cheapest_insertion(PickupDelivery.parse(drawn.text)))
    problem = PickupDelivery.parse(replace(drawn, vehicles=used + 2).text)
    search = Annealer(problem, 0)
    arc = search.mean_arc
    search.run(max(_QUICK_STEPS, _QUICK_STEPS_EACH * drawn.requests), arc, 0.01 * arc)
    return search


def is_hard(quick: Annealer) -> bool:
    """Whether easy methods are measurably worse than a short search.

    With D the distance that it found: nearest stops have a quality below ``TRIVIAL_MARGIN`` against D, and
    cheapest insertion one of at most ``INSERTION_MARGIN``, whatever vehicles they use.
    """
    problem = quick.problem
    if quick.absent:
        return False
    trivial, insertion = (problem.distance(make(problem)) for make in (nearest_stops, cheapest_insertion))
    return quick.cost < TRIVIAL_MARGIN * trivial and quick.cost <= INSERTION_MARGIN * insertion


def draw(source: random.Random, size: int, kind: tuple[str, str, str]) -> Drawn:
    """One draw of ``size`` requests, with a vehicle for each."""
    layout, horizon, windows = kind
    side = 100 if size <= 100 else round(10 * math.sqrt(size))
    depot = (side // 2, side // 2)
    points = _points(source, layout, 2 * size, side)
    pairs = _pairs(source, points, source.choice((0.3, 0.6, 0.9)))
    end = round((4.0 if horizon == "short" else 12.0) * side)
    capacity = source.choice((40, 60, 100)) if horizon == "short" else source.choice((100, 200))
    stops: list[Stop] = []
    for pickup, delivery in pairs:
        out, between, back = _drive(depot, pickup), _drive(pickup, delivery), _drive(delivery, depot)
        delivered_by = end - SERVICE - back
        collected_by = delivered_by - SERVICE - between
        collected = source.randint(out, collected_by)
        delivered = source.randint(0, min(delivered_by - collected - SERVICE - between, end // 4))
        delivered += collected + SERVICE + between
        load = source.randint(1, 4) * source.choice((5, 5, 10))
        stops.append((pickup, load, *_window(source, windows, collected, collected_by, end)))
        stops.append((delivery, -load, *_window(source, windows, delivered, delivered_by, end)))
    return _numbered(source, f"{layout}_{horizon}_{windows}_{size}", size, capacity, depot, end, stops)


def _window(source: random.Random, windows: str, time: int, last: int, end: int) -> tuple[int, int]:
    """Earliest and latest start of service around a time; after ``last`` is too late in any case."""
    share = source.choice(SHARES[windows])
    if share == 1.0:
        return 0, last
    half = round(share * end / 2)
    return max(0, time - source.randint(0, half)), min(last, time + source.randint(1, half))


def _points(source: random.Random, layout: str, count: int, side: int) -> list[tuple[int, int]]:
    clusters = max(3, count // 14)
    centers = [(source.uniform(0.08, 0.92) * side, source.uniform(0.08, 0.92) * side) for _ in range(clusters)]
    points = []
    for index in range(count):
        if layout == "clustered" or (layout == "mixed" and index % 2):
            x, y = (value + source.gauss(0, 4) for value in source.choice(centers))
        else:
            x, y = source.uniform(0, side), source.uniform(0, side)
        points.append((min(side, max(0, round(x))), min(side, max(0, round(y)))))
    return points


def _pairs(
    source: random.Random, points: list[tuple[int, int]], nearby: float
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Each point once; with the probability ``nearby`` the second is one of the nearest few that are left."""
    left = source.sample(points, len(points))
    pairs = []
    while left:
        first = left.pop()
        if source.random() < nearby:
            left.sort(key=lambda point: (_drive(first, point), point))
            second = left.pop(source.randrange(min(4, len(left))))
            source.shuffle(left)
        else:
            second = left.pop()
        pairs.append((first, second))
    return pairs


def _drive(tail: tuple[int, int], head: tuple[int, int]) -> int:
    """Whole units of time that suffice for an arc."""
    squared = (tail[0] - head[0]) ** 2 + (tail[1] - head[1]) ** 2
    return math.isqrt(squared) + 1 if squared else 0


def _numbered(
    source: random.Random,
    name: str,
    size: int,
    capacity: int,
    depot: tuple[int, int],
    end: int,
    stops: Sequence[Stop],
) -> Drawn:
    """The instance with its customers in a random order, so that their numbers tell nothing."""
    order = source.sample(range(len(stops)), len(stops))
    number = {stop: place for place, stop in enumerate(order, 2)}
    rows = [(0, 0, end, 0, 0, 0)]
    for stop in order:
        _, demand, early, late = stops[stop]
        pickup, delivery = (0, number[stop + 1]) if demand > 0 else (number[stop - 1], 0)
        rows.append((demand, early, late, SERVICE, pickup, delivery))
    return Drawn(name, size, capacity, [depot, *(stops[stop][0] for stop in order)], rows)


def write(drawn: Drawn, name: str, folder: Path) -> None:
    """Write an instance as ``name`` into ``folder``, gzipped if it is large, the same bytes each time."""
    path = folder / f"{name}.pdptw"
    if drawn.requests < PACKED_FROM:
        path.write_text(drawn.text, encoding="utf-8")
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(drawn.text.encode(), compresslevel=9, mtime=0))


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
