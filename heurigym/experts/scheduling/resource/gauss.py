"""GauS, formulation A, on resource-minimal scheduling: means are decoded by legalising and by list scheduling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heurigym.experts.scheduling.gauss import Options, Resources, Search, minimise_resources
from heurigym.experts.scheduling.graph import Floats, Ints
from heurigym.experts.scheduling.resource.lists import list_schedule
from heurigym.experts.scheduling.resource.problem import ResourceProblem

_ROUNDS = 1_000_000
"""Time ends the search, not the number of rounds."""


def gauss_schedule(
    problem: ResourceProblem,
    starts: Ints | None,
    least: Ints,
    seconds: float,
    seed: int,
    options: Options | None = None,
) -> Ints:
    """The best schedule that GauS decodes in ``seconds`` of processor time.

    Args:
        problem: the problem.
        starts: where the means begin; halfway between earliest and latest starts when absent.
        least: lower bound on the units of each type, with which list scheduling by the means begins.
        seconds: processor time, checked between rounds.
        seed: of new descents.
        options: how the search works.

    Raises:
        ImportError: JAX is missing: it is part of the extra ``experts``.
    """

    def decode(means: Floats) -> tuple[Ints, float]:
        legal = problem.graph.legalised(means, problem.deadline)
        lists = [list_schedule(problem, units, means) for units in (least, _rounded_peaks(problem, legal, least))]
        best = min([legal, *lists], key=problem.objective)
        return best, float(problem.objective(best))

    resources = Resources(
        kind=problem.kind,
        occupies=problem.occupancy[problem.kind],
        weight=problem.weight.astype(np.float64),
        capacity=np.zeros(len(problem.kinds), np.int64),
    )
    options = replace(options or Options(), rounds=_ROUNDS)
    how = Search(initial=starts, decode=decode, seconds=seconds, seed=seed, options=options)
    return minimise_resources(problem.graph, resources, problem.deadline, how).starts


def _rounded_peaks(problem: ResourceProblem, starts: Ints, least: Ints) -> Ints:
    """Units between the bound and what a schedule needs: where list scheduling has a chance to save some."""
    return (problem.units(starts) + least) // 2
