"""How long the statistics of a large board take: 50 models x 20 problems x 30 instances, 10,000 resamples.

Run with ``python benchmarks/scoring.py [SAMPLES]``; prints seconds for each step and in total.
"""

import sys
import time
from collections.abc import Iterator
from itertools import count

import numpy as np

from heurigym.scoring.bootstrap import METRICS, RESAMPLES, Overall, estimate, intervals, overall, replicates
from heurigym.scoring.ranking import compare_all, rank_all
from heurigym.scoring.samples import AnyFloats, Row, Sample, Table

MODELS, PROBLEMS, INSTANCES = 50, 20, 30


def make_table(number: int, samples: int) -> Table:
    """A problem with random scores; models differ in skill."""
    generator = np.random.default_rng(number)
    rows = []
    for model in range(MODELS):
        skill = 0.3 + 0.6 * model / MODELS
        made = []
        for _ in range(samples):
            feasible = generator.random(INSTANCES) < skill
            quality = np.where(feasible, generator.beta(8 * skill, 2, INSTANCES), np.nan)
            made.append(Sample(np.ones(INSTANCES, dtype=np.bool_), feasible, quality, quality))
        rows.append(Row(f"model {model}", made))
    return Table(f"problem {number}", [str(index) for index in range(INSTANCES)], rows)


def resampled(tables: list[Table]) -> Iterator[tuple[Table, AnyFloats]]:
    """Each problem with its replicates, after its own intervals are computed, as a board does."""
    for table in tables:
        replicated = replicates(table)
        for index, row in enumerate(table.rows):
            intervals(estimate(row), replicated[:, index])
        yield table, replicated


def rank(result: Overall) -> None:
    """Intervals, comparisons and ranks of the overall table, weighted and unweighted."""
    for values, replicated in (
        (result.weighted, result.weighted_replicates),
        (result.unweighted, result.unweighted_replicates),
    ):
        for index in range(len(result.rows)):
            intervals(values[:, index], replicated[:, index])
        qyi = METRICS.index("qyi")
        rank_all(values[qyi], replicated[qyi], compare_all(values[qyi], replicated[qyi]))


def main() -> None:
    """Print the times."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    tables = [make_table(number, samples) for number, _ in zip(count(), range(PROBLEMS), strict=False)]
    start = time.perf_counter()
    result = overall(resampled(tables), RESAMPLES)
    middle = time.perf_counter()
    rank(result)
    end = time.perf_counter()
    print(
        f"{MODELS} models x {PROBLEMS} problems x {INSTANCES} instances x {samples} samples, {RESAMPLES} resamples"
    )
    print(f"bootstrap and intervals  {middle - start:6.2f} s")
    print(f"comparisons and ranks    {end - middle:6.2f} s")
    print(f"total                    {end - start:6.2f} s")


if __name__ == "__main__":
    main()
