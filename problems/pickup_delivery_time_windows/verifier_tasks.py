"""Instances of pickups and deliveries within time windows, read strictly: all numbers are integers."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heurigym.problems import listed

HUNDREDTHS = 100
"""Lengths and times are counted in hundredths."""

_HEADER = re.compile(r"([A-Z_]+)\s*:\s*(.*)")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_PLACES, _ROWS, _DEPOT = "NODE_COORD_SECTION", "PICKUP_AND_DELIVERY_SECTION", "DEPOT_SECTION"
_WIDTHS = {_PLACES: 3, _ROWS: 7, _DEPOT: 1}
"""Numbers in a line of each section."""


@dataclass(frozen=True, slots=True)
class Task:
    """A node: the depot or a customer.

    Attributes:
        x: coordinate.
        y: coordinate.
        demand: what is loaded; negative at a delivery, zero at the depot.
        earliest: when service may begin, in hundredths.
        latest: when service must have begun, in hundredths.
        service: how long it takes, in hundredths.
        pickup: the pickup that belongs to a delivery, else 0.
        delivery: the delivery that belongs to a pickup, else 0.
    """

    x: int
    y: int
    demand: int
    earliest: int
    latest: int
    service: int
    pickup: int
    delivery: int


@dataclass(frozen=True, slots=True)
class Tasks:
    """An instance.

    Attributes:
        vehicles: most routes.
        capacity: largest load.
        depot: number of the depot.
        nodes: all nodes by number.
    """

    vehicles: int
    capacity: int
    depot: int
    nodes: Mapping[int, Task]


def length(tail: Task, head: Task) -> int:
    """The Euclidean length of an arc, rounded to the nearest hundredth, in hundredths.

    The nearest integer to the root of n is (floor(root(4 n)) + 1) // 2. There are no ties: (k + 1/2) squared is no
    integer.
    """
    squared = HUNDREDTHS**2 * ((tail.x - head.x) ** 2 + (tail.y - head.y) ** 2)
    return (math.isqrt(4 * squared) + 1) // 2


def read_tasks(path: Path) -> Tasks:
    """The instance in a file.

    Raises:
        ValueError: it is corrupt; the message names file, field and fix.
    """
    try:
        return _tasks(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _tasks(text: str) -> Tasks:
    header, sections = _parts(text)
    if header.get("TYPE") != "PDPTW":
        raise ValueError("TYPE: must be PDPTW")
    if header.get("EDGE_WEIGHT_TYPE") != "EXACT_2D":
        raise ValueError("EDGE_WEIGHT_TYPE: must be EXACT_2D")
    dimension, vehicles, capacity = (_positive(header, name) for name in ("DIMENSION", "VEHICLES", "CAPACITY"))
    for name in (_PLACES, _ROWS):
        numbers = [row[0] for row in sections[name]]
        if len(set(numbers)) != len(numbers):
            raise ValueError(f"{name}: a node is there twice; give each one line")
        if len(numbers) != dimension:
            raise ValueError(
                f"{name}: has {len(numbers)} lines and not DIMENSION = {dimension}; correct one of them"
            )
    places = {node: (x, y) for node, x, y in sections[_PLACES]}
    unknown = [row[0] for row in sections[_ROWS] if row[0] not in places]
    if unknown:
        raise ValueError(f"{_ROWS}: nodes without coordinates: {listed(unknown)}; add them to {_PLACES}")
    depots = [row[0] for row in sections[_DEPOT]]
    if len(depots) != 2 or depots[1] != -1 or depots[0] not in places:
        raise ValueError(f"{_DEPOT}: must be the number of one node and then -1")
    nodes = {
        node: Task(*places[node], demand, *(HUNDREDTHS * time for time in (early, late, service)), pickup, delivery)
        for node, demand, early, late, service, pickup, delivery in sections[_ROWS]
    }
    tasks = Tasks(vehicles, capacity, depots[0], nodes)
    _check(tasks)
    return tasks


def _parts(text: str) -> tuple[dict[str, str], dict[str, list[list[int]]]]:
    """Header fields, and the numbers of each line of each section."""
    header: dict[str, str] = {}
    sections: dict[str, list[list[int]]] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        match = _HEADER.fullmatch(line.strip())
        if not words:
            continue
        if words == ["EOF"]:
            break
        if match and not sections:
            if match[1] in header:
                raise ValueError(f"line {number}: {match[1]}: is there twice; remove one")
            header[match[1]] = match[2].strip()
        elif len(words) == 1 and words[0] in _WIDTHS:
            section = words[0]
            if section in sections:
                raise ValueError(f"line {number}: {section}: is there twice; remove one")
            sections[section] = []
        elif section:
            if len(words) != _WIDTHS[section] or not all(_INTEGER.fullmatch(word) for word in words):
                raise ValueError(f"line {number}: {section}: must have {_WIDTHS[section]} integers")
            sections[section].append([int(word) for word in words])
        else:
            raise ValueError(f"line {number}: is neither NAME : VALUE nor a section; remove it")
    missing = [name for name in _WIDTHS if name not in sections]
    if missing:
        raise ValueError(f"{missing[0]}: is missing; add it")
    return header, sections


def _positive(header: Mapping[str, str], name: str) -> int:
    value = header.get(name, "")
    if not _INTEGER.fullmatch(value) or int(value) < 1:
        raise ValueError(f"{name}: must be an integer of at least 1")
    return int(value)


def _check(tasks: Tasks) -> None:
    for number, task in tasks.nodes.items():
        where = f"{_ROWS}: node {number}"
        if task.service < 0 or task.earliest < 0 or task.earliest > task.latest:
            raise ValueError(f"{where}: times must be 0 <= earliest <= latest and 0 <= service")
        if number == tasks.depot:
            if (task.demand, task.service, task.pickup, task.delivery) != (0, 0, 0, 0):
                raise ValueError(f"{where}: is the depot; demand, service, pickup and delivery must be 0")
        elif task.demand > 0:
            if task.pickup or not _belongs(tasks.nodes, task.delivery, number, task.demand):
                raise ValueError(f"{where}: is a pickup; its delivery must name it and have the opposite demand")
        elif task.demand == 0 or task.delivery or not _is_pickup_of(tasks.nodes, task.pickup, number):
            raise ValueError(f"{where}: is a delivery; its demand must be negative and its pickup must name it")


def _belongs(nodes: Mapping[int, Task], delivery: int, pickup: int, demand: int) -> bool:
    return delivery in nodes and nodes[delivery].pickup == pickup and nodes[delivery].demand == -demand


def _is_pickup_of(nodes: Mapping[int, Task], pickup: int, delivery: int) -> bool:
    return pickup in nodes and nodes[pickup].delivery == delivery


def customers(tasks: Tasks) -> Sequence[int]:
    """The numbers of all nodes but the depot, in the order of the file."""
    return [node for node in tasks.nodes if node != tasks.depot]
