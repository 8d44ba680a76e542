"""An instance of pickups and deliveries within time windows as arrays of integers, and its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Nodes: TypeAlias = NDArray[np.int32]
Routes: TypeAlias = list[list[int]]
"""The nodes of each route that is used, in order, without the depot."""

HUNDREDTHS = 100
_LARGEST = 10**6
"""Largest coordinate, time or demand: with it all sums stay far inside 64 bits."""
_HEADER = re.compile(r"([A-Z_]+)\s*:\s*(.*)")
_FIELDS = 7
"""Numbers in a row of the section of pickups and deliveries."""


class Network(NamedTuple):
    """What compiled searches read.

    Node 0 is the depot, node 1 + r the pickup of request r, and node 1 + requests + r its delivery.

    Attributes:
        length: length of each arc in hundredths, which is its travel time too; shape (nodes, nodes).
        earliest: when service may begin, in hundredths; shape (nodes,).
        latest: when service must have begun.
        service: how long it takes.
        demand: what is loaded; negative at deliveries.
        near: all nodes but the depot from the nearest to the farthest, the node itself first; shape
            (nodes, nodes - 1).
        capacity: largest load.
        requests: number of requests.
    """

    length: Nodes
    earliest: Ints
    latest: Ints
    service: Ints
    demand: Ints
    near: Nodes
    capacity: int
    requests: int


@dataclass(frozen=True, eq=False)
class PickupDelivery:
    """One instance.

    Attributes:
        name: its name.
        vehicles: most routes that may be used.
        ids: number of each node in the file; shape (nodes,).
        network: everything else.
    """

    name: str
    vehicles: int
    ids: list[int]
    network: Network

    @classmethod
    def of(
        cls,
        name: str,
        vehicles: int,
        capacity: int,
        places: Sequence[Sequence[int]],
        rows: Sequence[Sequence[int]],
        pairs: Sequence[tuple[int, int]],
        depot: int = 1,
    ) -> PickupDelivery:
        """The instance with these rows of its file.

        Args:
            name: its name.
            vehicles: most routes that may be used.
            capacity: largest load.
            places: number and coordinates of each node.
            rows: number, demand, earliest, latest and duration of service of each node; more is ignored.
            pairs: numbers of the pickup and the delivery of each request.
            depot: number of the depot.
        """
        ids = [depot, *(pickup for pickup, _ in pairs), *(delivery for _, delivery in pairs)]
        where = {node: (x, y) for node, x, y in places}
        what = {row[0]: row[1:5] for row in rows}
        coordinates = np.array([where[node] for node in ids], np.int64)
        demand, earliest, latest, service = np.array([what[node] for node in ids], np.int64).T
        length = rounded_lengths(coordinates)
        near = 1 + np.argsort(length[:, 1:] - np.eye(len(ids), dtype=np.int64)[:, 1:], axis=1, kind="stable")
        network = Network(
            length.astype(np.int32),
            HUNDREDTHS * earliest,
            HUNDREDTHS * latest,
            HUNDREDTHS * service,
            np.ascontiguousarray(demand),
            near.astype(np.int32),
            capacity,
            len(pairs),
        )
        return cls(name, vehicles, ids, network)

    @classmethod
    def read(cls, path: Path) -> PickupDelivery:
        """The instance in a file.

        Raises:
            ValueError: the file is no such instance.
        """
        try:
            return cls.parse(path.read_text(encoding="utf-8"))
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"{path}: not an instance of pickups and deliveries: {error}") from error

    @classmethod
    def parse(cls, text: str) -> PickupDelivery:
        """The instance with this text.

        Raises:
            ValueError, KeyError, IndexError: it is no such instance.
        """
        header: dict[str, str] = {}
        sections: dict[str, list[list[int]]] = {}
        rows: list[list[int]] = []
        for line in text.split("\n"):
            words = line.split()
            match = _HEADER.fullmatch(line.strip())
            if match:
                header[match[1]] = match[2]
            elif words == ["EOF"]:
                break
            elif len(words) == 1 and words[0].endswith("_SECTION"):
                rows = sections.setdefault(words[0], [])
            elif words:
                rows.append([int(word) for word in words])
        services = sections["PICKUP_AND_DELIVERY_SECTION"]
        if any(len(row) != _FIELDS for row in services):
            raise ValueError(f"PICKUP_AND_DELIVERY_SECTION: a row has not {_FIELDS} numbers")
        numbers = [number for row in (*sections["NODE_COORD_SECTION"], *services) for number in row]
        if any(abs(number) > _LARGEST for number in numbers):
            raise ValueError(f"a number is above {_LARGEST}, which this solver does not take")
        return cls.of(
            header.get("NAME", ""),
            int(header["VEHICLES"]),
            int(header["CAPACITY"]),
            sections["NODE_COORD_SECTION"],
            services,
            [(row[0], row[6]) for row in services if row[6]],
            sections["DEPOT_SECTION"][0][0],
        )

    @property
    def requests(self) -> int:
        """Number of requests."""
        return self.network.requests

    def text(self, routes: Routes) -> str:
        """The routes as the text of a solution file."""
        depot = self.ids[0]
        lines = [
            " ".join(str(node) for node in (depot, *(self.ids[stop] for stop in stops), depot)) for stops in routes
        ]
        return "\n".join((self.name, *lines)) + "\n"

    def distance(self, routes: Routes) -> int:
        """Total length of the routes in hundredths."""
        length = self.network.length
        return sum(
            int(length[tail, head]) for stops in routes for tail, head in zip((0, *stops), (*stops, 0), strict=True)
        )

    def is_feasible(self, stops: Sequence[int]) -> bool:
        """Whether one vehicle can drive this route, pairs, load and windows considered."""
        length, demand, earliest, latest, service = self._lists
        requests, capacity = self.requests, self.network.capacity
        onboard: set[int] = set()
        load, clock, place = 0, earliest[0], 0
        for stop in (*stops, 0):
            clock = max(clock + length[place][stop], earliest[stop])
            load += demand[stop]
            if clock > latest[stop] or load > capacity:
                return False
            if 0 < stop <= requests:
                onboard.add(stop)
            elif stop and stop - requests not in onboard:
                return False
            onboard.discard(stop - requests)
            clock += service[stop]
            place = stop
        return not onboard

    @cached_property
    def _lists(self) -> tuple[list[list[int]], list[int], list[int], list[int], list[int]]:
        """Lengths, demands, windows and durations, which lists give out faster than arrays do."""
        network = self.network
        times = (network.earliest.tolist(), network.latest.tolist(), network.service.tolist())
        return network.length.tolist(), network.demand.tolist(), *times


def rounded_lengths(coordinates: Ints) -> Ints:
    """Euclidean lengths between all points, each rounded to the nearest hundredth; exact, in hundredths.

    The nearest integer to the root of n is half of the root of 4 n, rounded down, plus one, rounded down; there are
    no ties.

    Args:
        coordinates: shape (points, 2).
    """
    difference = coordinates[:, None, :] - coordinates[None, :, :]
    fourfold = 4 * HUNDREDTHS**2 * (difference**2).sum(axis=2)
    root = np.sqrt(fourfold.astype(np.float64)).astype(np.int64)
    root -= root * root > fourfold
    root += (root + 1) * (root + 1) <= fourfold
    lengths: Ints = (root + 1) // 2
    return lengths
