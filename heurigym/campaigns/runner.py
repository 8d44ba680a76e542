"""Running a campaign: cells side by side, each from where it stands, until all are done or somebody stops it."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from heurigym.agents.trajectory import Cell, Status
from heurigym.campaigns.cell import Resources, begin, run_cell


@dataclass
class Result:
    """How a campaign ended.

    Attributes:
        counts: cells by status.
        errors: what the first failed cells failed of.
    """

    counts: Counter[Status] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every cell finished."""
        return set(self.counts) <= {Status.FINISHED}


_ERRORS_KEPT = 10


async def run_campaign(resources: Resources) -> Result:
    """Run every cell that is not finished, at most ``cells_at_once`` of them at once.

    Being cancelled stops it: what is under way is given up, what is stored stays.

    Raises:
        InputError: a stored trajectory cannot be continued; nothing has been run then.
        OSError: the store cannot be written.
    """
    spec = resources.spec
    for cell in spec.cells():
        resources.gateway.charge(begin(cell, resources).cost_usd)
    result = Result()
    cells = spec.cells()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(spec.cells_at_once, spec.cell_count)):
                group.create_task(_work(cells, resources, result))
    except* Exception as group_error:
        raise group_error.exceptions[0] from None
    return result


async def _work(cells: Iterator[Cell], resources: Resources, result: Result) -> None:
    for cell in cells:
        trajectory = await run_cell(cell, resources)
        result.counts[trajectory.status] += 1
        if trajectory.error is not None and len(result.errors) < _ERRORS_KEPT:
            result.errors.append(f"{cell}: {trajectory.error}")
