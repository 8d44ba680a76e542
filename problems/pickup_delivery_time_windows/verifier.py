"""Verifier of pickups and deliveries within time windows, exact in hundredths and linear in the solution."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from verifier_routes import (
    check_capacity,
    check_once,
    check_pairs,
    check_vehicles,
    check_windows,
    read_routes,
    total_distance,
)
from verifier_tasks import HUNDREDTHS, read_tasks

from heurigym.problems import verifier


@verifier
def verify(instance: Sequence[Path], solution: Path) -> Fraction:
    """The total distance of feasible routes.

    Raises:
        ValueError: the instance is corrupt; the message names file, field and fix.
    """
    tasks = read_tasks(instance[0])
    routes = read_routes(solution, tasks)
    check_once(tasks, routes)
    check_vehicles(tasks, routes)
    check_pairs(tasks, routes)
    check_capacity(tasks, routes)
    check_windows(tasks, routes)
    return Fraction(total_distance(tasks, routes), HUNDREDTHS)
