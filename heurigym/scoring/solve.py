"""solve_s@i: the share of instances that pass a stage within a number of attempts."""

from math import comb

import numpy as np

from heurigym.scoring.samples import UNSCORED_STAGE, Floats, Row, Sample

STAGES = {"I": 1, "II": 2, "III": 3}
"""Stage I ran to its end in time, II wrote a well-formed solution, III wrote a feasible one."""

BUDGETS = (1, 3, 5, 10)
"""Numbers of attempts that tables show."""


def solve_at(row: Row, stage: int, attempts: int) -> float | None:
    """The probability that an instance passes ``stage`` within ``attempts`` attempts, averaged over instances.

    With L attempts in each trajectory and n trajectories:

    - ``attempts <= L``: the first ``attempts`` of one trajectory. Each trajectory is an independent draw, so the
      mean over trajectories of "some attempt passed" is unbiased (HeuriGym, arXiv 2506.07972, section on metrics,
      whose definition this is for n = 1).
    - ``attempts > L``, a multiple k of L, and ``n >= k``: k whole trajectories. Of the n, c solve the instance in
      any attempt; ``1 - C(n-c, k) / C(n, k)`` is the unbiased estimate (Chen et al., "Evaluating Large Language
      Models Trained on Code", arXiv 2107.03374, section 2.1).
    - otherwise it cannot be estimated from what was run, and is ``None``.

    Instances on which the harness failed in the attempts concerned, without another attempt that passed, count for
    nothing. ``None`` when an attempt was not judged on the eval split.
    """
    if not row.samples or any(sample.stages is None for sample in row.samples):
        return None
    if attempts <= row.attempts:
        return _mean(np.stack([_solved(sample, stage, attempts) for sample in row.samples]))
    whole, rest = divmod(attempts, row.attempts)
    if rest or whole > len(row.samples):
        return None
    solved = np.stack([_solved(sample, stage, row.attempts) for sample in row.samples])
    known = ~np.isnan(solved)
    return _mean(
        np.array(
            [
                at_least_one(int(known[:, index].sum()), int(np.nansum(solved[:, index])), whole)
                for index in range(solved.shape[1])
            ]
        )
    )


def at_least_one(drawn: int, successes: int, picked: int) -> float:
    """Unbiased probability that one of ``picked`` of ``drawn`` things is among ``successes``; NaN if too few."""
    if drawn < picked:
        return float("nan")
    return 1.0 - comb(drawn - successes, picked) / comb(drawn, picked)


def _solved(sample: Sample, stage: int, attempts: int) -> Floats:
    """For each instance: 1 some attempt passed, 0 none did, NaN none did and the harness failed in one."""
    assert sample.stages is not None
    stages = sample.stages[:attempts]
    passed = (stages >= stage).any(axis=0)
    unknown = ~passed & (stages == UNSCORED_STAGE).any(axis=0)
    return np.where(unknown, np.nan, passed.astype(np.float64))


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None
