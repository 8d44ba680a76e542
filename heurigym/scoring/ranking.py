"""Comparing rows: paired differences, ranks with ties, and gaps that an interval swallows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heurigym.scoring.bootstrap import CONFIDENCE, middle
from heurigym.scoring.samples import AnyFloats, Floats


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row against another, from replicates drawn on the same instances.

    Attributes:
        difference: first less second.
        low: lower end of its interval.
        high: upper end.
        superiority: share of resamples in which the first is better, ties counted half.
    """

    difference: float
    low: float
    high: float
    superiority: float

    @property
    def tied(self) -> bool:
        """Whether the interval of the difference holds 0, so that neither row is shown to be better."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a row stands.

    Attributes:
        rank: 1 + the number of rows that are better beyond chance; rows that share it are tied.
        low: best rank of the interval.
        high: worst rank of the interval.
        gap_below: the value's lead over the next row down; ``None`` for the last.
        unresolved: whether the row is tied with its neighbour above or below: the interval of their paired
            difference holds 0.
        wide: whether the row's own interval is wider than the gap to its nearest neighbour.
    """

    rank: int
    low: int
    high: int
    gap_below: float | None
    unresolved: bool
    wide: bool


def compare(
    first: float,
    second: float,
    first_replicates: AnyFloats,
    second_replicates: AnyFloats,
    confidence: float = CONFIDENCE,
) -> Comparison:
    """The paired comparison of two rows; both replicates must come from the same draws of instances."""
    differences = first_replicates - second_replicates
    low, high = middle(differences, confidence)
    superiority = float(np.mean(differences > 0) + np.mean(differences == 0) / 2)
    return Comparison(first - second, low, high, superiority)


def compare_all(values: Floats, replicated: AnyFloats) -> list[list[Comparison | None]]:
    """Every row against every other: rows x rows, ``None`` on the diagonal.

    Args:
        values: one value for each row.
        replicated: rows x resamples.
    """
    count = len(values)
    table: list[list[Comparison | None]] = [[None] * count for _ in range(count)]
    for first in range(count):
        for second in range(first + 1, count):
            result = compare(float(values[first]), float(values[second]), replicated[first], replicated[second])
            table[first][second] = result
            table[second][first] = Comparison(-result.difference, -result.high, -result.low, 1 - result.superiority)
    return table


def rank_all(
    values: Floats,
    replicated: AnyFloats,
    comparisons: Sequence[Sequence[Comparison | None]],
    confidence: float = CONFIDENCE,
) -> list[Rank]:
    """The rank of every row, higher values first.

    The interval of a rank runs over the ranks that the row takes in the resamples, where equal values share the
    best one. No correction is made for the number of comparisons.

    Args:
        values: one value for each row.
        replicated: rows x resamples.
        comparisons: as :func:`compare_all` gives them.
        confidence: coverage of the intervals of ranks.
    """
    count = len(values)
    order = sorted(range(count), key=lambda index: -values[index])
    place = {row: position for position, row in enumerate(order)}
    ascending = -replicated
    tail = (1 - confidence) / 2
    ranks = []
    for row in range(count):
        better = sum(pair is not None and pair.high < 0 for pair in comparisons[row])
        drawn = 1 + (ascending < ascending[row]).sum(axis=0)
        low, high = np.quantile(drawn, (tail, 1 - tail), method="nearest")
        position = place[row]
        neighbours = [order[near] for near in (position - 1, position + 1) if 0 <= near < count]
        gaps = [abs(float(values[row] - values[near])) for near in neighbours]
        ends = middle(replicated[row], confidence)
        ranks.append(
            Rank(
                rank=1 + better,
                low=int(low),
                high=int(high),
                gap_below=float(values[row] - values[order[position + 1]]) if position + 1 < count else None,
                unresolved=any(
                    pair is not None and pair.tied for pair in (comparisons[row][n] for n in neighbours)
                ),
                wide=bool(gaps) and float(ends[1] - ends[0]) > min(gaps),
            )
        )
    return ranks
