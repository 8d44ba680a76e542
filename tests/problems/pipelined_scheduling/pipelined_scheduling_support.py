"""What the tests of pipelined scheduling share: the problem, its modules, and instances as plain files."""

import json
from typing import Any

from shipped import Shipped

SHIPPED = Shipped("pipelined_scheduling")
PROBLEM, INSTANCES = SHIPPED.problem, SHIPPED.instances
module, verify = SHIPPED.module, SHIPPED.verify
unpacked, stored_solution = SHIPPED.unpacked, SHIPPED.stored_solution
SMALL = [name for name in sorted(INSTANCES) if int(name.partition("_")[2]) <= 120]


def content(name: str) -> dict[str, Any]:
    """A shipped instance as JSON."""
    loaded: dict[str, Any] = json.loads(INSTANCES[name].read()[0])
    return loaded
