"""Intervals for yield, quality and QYI: a hierarchical bootstrap, vectorised over resamples and rows.

Problems are fixed, as a benchmark's are. Within a problem, instances and samples are crossed factors: every sample
of a row meets every instance. Both are drawn with replacement, independently of each other: the pigeonhole
bootstrap (A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1(2), 2007, section 3). The draw of
instances is shared by all rows of a problem, so that the difference of two rows is a paired one. Intervals are
percentile intervals (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).

A row with one sample gets an interval over instances alone: nothing is known of how its samples vary.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heurigym.scoring.samples import AnyFloats, Floats, Row, Table

RESAMPLES = 10_000
"""Resamples behind a published interval."""

CONFIDENCE = 0.95
"""Coverage that intervals aim at."""

METRICS = ("yield", "quality", "quality_uncapped", "qyi")
"""What is resampled, in the order of the first axis of replicates."""

_WORK = 200_000
"""Multiplications in one matrix product: few enough for its arrays to stay in the processor's cache, and for a BLAS
not to split it over cores, which costs more than it saves where other programs keep them busy."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its interval.

    Attributes:
        value: the estimate; NaN when unknown.
        low: lower end of the interval.
        high: upper end.
    """

    value: float
    low: float
    high: float


def estimate(row: Row) -> Floats:
    """Point estimates of a row, one for each of ``METRICS``: the mean over its samples of each sample's value.

    A sample's values are those of :func:`heurigym.scoring.summary.summarise`: the quality of a sample without a
    feasible solution is 0. NaN where the row has no samples or one of them is not graded.
    """
    if not row.samples:
        return np.full(len(METRICS), np.nan)
    counts = np.ones((1, len(row.samples[0].scored)))
    return np.asarray(_Stack([row], np.float64).metrics(counts)[:, 0, :].mean(axis=1), dtype=np.float64)


def replicates(table: Table, resamples: int = RESAMPLES, seed: int = 0) -> AnyFloats:
    """Bootstrap replicates of every row of one problem, metrics x rows x resamples, 32-bit.

    Equal arguments give equal results, and a row's replicates do not depend on which other rows there are.
    NaN for rows without samples or with an ungraded one.
    """
    result = np.full((len(METRICS), len(table.rows), resamples), np.nan, dtype=np.float32)
    present = [index for index, row in enumerate(table.rows) if row.samples]
    if not present or not table.instances:
        return result
    stack = _Stack([table.rows[index] for index in present], np.float32)
    counts = _draw_counts(len(table.instances), resamples, _generator(seed, table.problem, ""))
    weights = [
        _draw_counts(len(row.samples), resamples, _generator(seed, table.problem, row.name))
        if len(row.samples) > 1
        else None
        for row in stack.rows
    ]
    chunk = max(16, _WORK // (len(table.instances) * stack.spans[-1].stop))
    for start in range(0, resamples, chunk):
        part = slice(start, min(start + chunk, resamples))
        values = stack.metrics(counts[part])
        for index, (span, weight) in enumerate(zip(stack.spans, weights, strict=True)):
            result[:, present[index], part] = (
                values[:, :, span.start]
                if weight is None
                else np.einsum("mbk,bk->mb", values[:, :, span], weight[part]) / (span.stop - span.start)
            )
    return result


def interval(value: float, replicated: AnyFloats, confidence: float = CONFIDENCE) -> Interval:
    """The percentile interval around ``value``; NaN ends when the replicates are unknown.

    Replicates are 32-bit: an end that differs from the value by no more than their rounding is the value.
    """
    low, high = (np.nan, np.nan) if np.isnan(value) else middle(replicated, confidence)
    return Interval(value, _unrounded(low, value), _unrounded(high, value))


def _unrounded(end: float, value: float) -> float:
    rounding = 16 * float(np.finfo(np.float32).eps) * max(1.0, abs(value))
    return value if abs(end - value) <= rounding else end


def middle(replicated: AnyFloats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The two quantiles that hold the middle ``confidence`` of some replicates; NaN when one of them is unknown.

    Linear interpolation between order statistics, as ``numpy.quantile`` does; sorting is faster than its two
    partitions.
    """
    ordered = np.sort(replicated)
    if np.isnan(ordered[-1]):
        return np.nan, np.nan
    tail = (1 - confidence) / 2
    low, high = np.interp(
        (tail * (len(ordered) - 1), (1 - tail) * (len(ordered) - 1)), np.arange(len(ordered)), ordered
    )
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Overall:
    """Means over problems, for every row that any problem has.

    Attributes:
        rows: names of the rows.
        problems: number of problems behind each row.
        weights: number of instances behind each row.
        weighted: point estimates weighted by instance count, metrics x rows.
        unweighted: point estimates with equal weights, metrics x rows.
        weighted_replicates: metrics x rows x resamples.
        unweighted_replicates: metrics x rows x resamples.
    """

    rows: tuple[str, ...]
    problems: Floats
    weights: Floats
    weighted: Floats
    unweighted: Floats
    weighted_replicates: AnyFloats
    unweighted_replicates: AnyFloats


def overall(
    tables: Iterator[tuple[Table, AnyFloats]] | Sequence[tuple[Table, AnyFloats]], resamples: int
) -> Overall:
    """Means over problems of every row, and of its replicates.

    A mean runs over the problems that the row has samples of. Rows with different sets of problems are not
    comparable; ``problems`` tells them apart.

    Args:
        tables: each problem with its replicates; taken one at a time, so that they need not be in memory together.
        resamples: number of replicates.
    """
    order: dict[str, int] = {}
    sums: list[_Sums] = []
    for table, replicated in tables:
        for index, row in enumerate(table.rows):
            if not row.samples:
                continue
            place = order.setdefault(row.name, len(order))
            if place == len(sums):
                sums.append(_Sums(resamples))
            sums[place].add(len(table.instances), estimate(row), replicated[:, index, :])
    empty = np.empty((len(METRICS), 0))
    return Overall(
        rows=tuple(order),
        problems=np.array([each.problems for each in sums], dtype=np.float64),
        weights=np.array([each.weight for each in sums], dtype=np.float64),
        weighted=np.stack([each.weighted / each.weight for each in sums], axis=1) if sums else empty,
        unweighted=np.stack([each.plain / each.problems for each in sums], axis=1) if sums else empty,
        weighted_replicates=_stacked([each.weighted_replicates / each.weight for each in sums], resamples),
        unweighted_replicates=_stacked([each.plain_replicates / each.problems for each in sums], resamples),
    )


class _Sums:
    """Running sums over the problems of one row."""

    def __init__(self, resamples: int) -> None:
        self.problems = 0
        self.weight = 0
        self.weighted = np.zeros(len(METRICS))
        self.plain = np.zeros(len(METRICS))
        self.weighted_replicates = np.zeros((len(METRICS), resamples), dtype=np.float32)
        self.plain_replicates = np.zeros((len(METRICS), resamples), dtype=np.float32)

    def add(self, instances: int, values: Floats, replicated: AnyFloats) -> None:
        self.problems += 1
        self.weight += instances
        self.weighted += instances * values
        self.plain += values
        self.weighted_replicates += np.float32(instances) * replicated
        self.plain_replicates += replicated


class _Stack:
    """The samples of several rows side by side, instances x all samples, for matrix products with draws."""

    def __init__(self, rows: Sequence[Row], precision: type[np.float32] | type[np.float64]) -> None:
        self.rows = rows
        self._precision = precision
        samples = [sample for row in rows for sample in row.samples]
        ends = np.cumsum([len(row.samples) for row in rows])
        self.spans = [slice(int(end) - len(row.samples), int(end)) for row, end in zip(rows, ends, strict=True)]
        self._scored: AnyFloats = np.stack([sample.scored for sample in samples], axis=1).astype(precision)
        self._all_scored = bool(np.all(self._scored == 1))
        self._feasible: AnyFloats = np.stack([sample.feasible for sample in samples], axis=1).astype(precision)
        self._quality = self._filled([sample.quality for sample in samples])
        self._uncapped = self._filled([sample.quality_uncapped for sample in samples])
        self._ungraded = np.array([not sample.graded for sample in samples])

    def metrics(self, counts: AnyFloats) -> AnyFloats:
        """``METRICS`` of every sample under instance multiplicities ``counts`` (b x n): metrics x b x samples."""
        counts = counts.astype(self._precision)
        scored = counts.sum(axis=1, keepdims=True) if self._all_scored else counts @ self._scored
        feasible = counts @ self._feasible
        result = np.empty((len(METRICS), *feasible.shape), dtype=self._precision)
        yield_, quality, uncapped, qyi = result
        _divide(feasible, scored, yield_)
        _divide(counts @ self._quality, feasible, quality)
        _divide(counts @ self._uncapped, feasible, uncapped)
        _divide(2 * quality * yield_, quality + yield_, qyi)
        if self._ungraded.any():
            result[1:, :, self._ungraded] = np.nan
        return result

    def _filled(self, values: Sequence[Floats]) -> AnyFloats:
        known = np.nan_to_num(np.stack(values, axis=1)).astype(self._precision)
        return np.where(self._feasible > 0, known, self._precision(0))


def _divide(numerator: AnyFloats, denominator: AnyFloats, result: AnyFloats) -> None:
    """Ratio of two non-negative arrays, 0 where both are 0; where the denominator is 0, so is the numerator."""
    np.divide(numerator, np.maximum(denominator, np.finfo(np.float32).tiny), out=result)


def _stacked(arrays: Sequence[AnyFloats], resamples: int) -> AnyFloats:
    return np.stack(arrays, axis=1) if arrays else np.empty((len(METRICS), 0, resamples))


def _draw_counts(size: int, resamples: int, generator: np.random.Generator) -> AnyFloats:
    """How often each of ``size`` things is drawn in each of ``resamples`` draws of ``size`` with replacement."""
    picks = generator.integers(size, size=(resamples, size))
    picks += np.arange(resamples)[:, None] * size
    counts = np.bincount(picks.ravel(), minlength=resamples * size)
    return counts.reshape(resamples, size).astype(np.float32)


def _generator(seed: int, *names: str) -> np.random.Generator:
    key = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng([seed, *np.frombuffer(key, dtype=np.uint32).tolist()])


def intervals(
    values: Floats, replicated: AnyFloats, metrics: Mapping[str, int] | None = None
) -> dict[str, Interval]:
    """The interval of each metric of one row: ``values`` over metrics, ``replicated`` metrics x resamples."""
    names = metrics or {name: index for index, name in enumerate(METRICS)}
    return {name: interval(float(values[index]), replicated[index]) for name, index in names.items()}
