"""Samples and tables with chosen or random scores."""

import numpy as np

from heurigym.scoring.samples import Row, Sample, Table


def make_sample(qualities, *, scored=None, stages=None):
    """A sample from qualities, where ``None`` is an infeasible run."""
    feasible = np.array([quality is not None for quality in qualities])
    values = np.array([np.nan if quality is None else quality for quality in qualities], dtype=float)
    return Sample(
        scored=np.ones(len(values), dtype=bool) if scored is None else np.array(scored),
        feasible=feasible,
        quality=np.minimum(values, 1),
        quality_uncapped=values,
        stages=None if stages is None else np.array(stages, dtype=np.int8),
    )


def random_table(generator, *, rows=2, samples=1, instances=12, skill=0.8, problem="packing"):
    return Table(
        problem,
        [str(index) for index in range(instances)],
        [
            Row(
                f"row {number}",
                [
                    make_sample(
                        [generator.beta(8, 2) if generator.random() < skill else None for _ in range(instances)]
                    )
                    for _ in range(samples)
                ],
            )
            for number in range(rows)
        ],
    )
