"""What the tests of pickups and deliveries share: the problem, its modules, and instances as plain files."""

import os
from pathlib import Path

from shipped import Shipped

SHIPPED = Shipped("pickup_delivery_time_windows")
PROBLEM, INSTANCES = SHIPPED.problem, SHIPPED.instances
module, verify = SHIPPED.module, SHIPPED.verify
unpacked, stored_solution = SHIPPED.unpacked, SHIPPED.stored_solution

DATA = Path(os.environ.get("HEURIGYM_DATA") or PROBLEM.folder.parents[2] / "shared" / "data")
PUBLIC = DATA / "pickup_delivery_time_windows"
NO_PUBLIC = f"no public instances in {DATA}: set HEURIGYM_DATA to the folder that has them"


def requests_of(name: str) -> int:
    """Number of requests of a shipped instance."""
    return int(name.partition("_")[2])
