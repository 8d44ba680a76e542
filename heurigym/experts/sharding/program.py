"""A sharding problem as its file states it, with whole numbers of any size."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_UNITS = 2**40
"""Memory limits above this are counted in larger units."""


@dataclass(frozen=True, slots=True)
class Program:
    """Nodes with strategies, costs of pairs of neighbours, and memory.

    Attributes:
        intervals: half-open interval of time points in which each node uses memory.
        costs: cost of each strategy of each node.
        usages: memory in use by each strategy of each node.
        pairs: the two nodes of each edge.
        tables: cost of each pair of strategies of each edge, row by row.
        limit: most memory in use at any time, or ``None`` for no limit.
    """

    intervals: Sequence[Sequence[int]]
    costs: Sequence[Sequence[int]]
    usages: Sequence[Sequence[int]]
    pairs: Sequence[Sequence[int]]
    tables: Sequence[Sequence[int]]
    limit: int | None

    @staticmethod
    def read(path: Path) -> "Program":
        """The problem in a file, not gzipped.

        Raises:
            ValueError, KeyError: the file is corrupt.
        """
        return Program.of(json.loads(path.read_text(encoding="utf-8")))

    @staticmethod
    def of(content: dict[str, Any]) -> "Program":
        """The problem that a file's content states."""
        problem = content["problem"]
        nodes, edges = problem["nodes"], problem["edges"]
        return Program(
            nodes["intervals"],
            nodes["costs"],
            nodes["usages"],
            edges["nodes"],
            edges["costs"],
            problem.get("usage_limit"),
        )

    def cost(self, chosen: Sequence[int]) -> int:
        """The exact cost of one strategy for each node."""
        total = sum(costs[index] for costs, index in zip(self.costs, chosen, strict=True))
        for (tail, head), table in zip(self.pairs, self.tables, strict=True):
            total += table[chosen[tail] * len(self.costs[head]) + chosen[head]]
        return total

    def peak(self, chosen: Sequence[int]) -> int:
        """The most memory in use at any time."""
        changes: dict[int, int] = {}
        for (begin, end), usages, index in zip(self.intervals, self.usages, chosen, strict=True):
            if begin < end:
                changes[begin] = changes.get(begin, 0) + usages[index]
                changes[end] = changes.get(end, 0) - usages[index]
        used = most = 0
        for time in sorted(changes):
            used += changes[time]
            most = max(most, used)
        return most

    def fits(self, chosen: Sequence[int]) -> bool:
        """Whether the memory in use stays within the limit."""
        return self.limit is None or self.peak(chosen) <= self.limit

    def counted(self) -> tuple[int | None, list[list[int]]]:
        """The limit and all usages in a unit in which they are machine integers.

        The unit is the problem's own if the limit is at most 2^40. Else usages are rounded up and the limit down,
        so that what fits in these numbers fits.
        """
        if self.limit is None:
            return None, [[0] * len(usages) for usages in self.usages]
        unit = self.unit
        limit = self.limit // unit
        return limit, [[min(-(-usage // unit), limit + 1) for usage in usages] for usages in self.usages]

    @property
    def unit(self) -> int:
        """The unit of :meth:`counted`."""
        return 1 if self.limit is None else max(1, -(-self.limit // _UNITS))

    def frugal(self) -> list[int]:
        """The strategy of least memory for each node, of those the cheapest; it fits if anything does."""
        return [
            min(range(len(costs)), key=lambda index: (usages[index], costs[index]))
            for costs, usages in zip(self.costs, self.usages, strict=True)
        ]


def text(chosen: Sequence[int]) -> str:
    """The file of a solution."""
    return "[" + ", ".join(str(index) for index in chosen) + "]\n"
