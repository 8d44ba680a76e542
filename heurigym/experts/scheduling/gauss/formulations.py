"""The three formulations as functions that take plain arrays; see :mod:`heurigym.experts.scheduling.gauss`."""

from __future__ import annotations

from heurigym.experts.scheduling.gauss.measures import legalise_and_measure
from heurigym.experts.scheduling.gauss.task import Found, Resources, Search, Task, Values
from heurigym.experts.scheduling.graph import Graph


def minimise_resources(
    graph: Graph,
    resources: Resources,
    deadline: int,
    how: Search,
    *,
    values: Values | None = None,
    alpha: float = 0.0,
) -> Found:
    """Formulation A: minimise the weighted peak use of the types, plus ``alpha`` for each live bit and step.

    Args:
        graph: precedences without distances.
        resources: kinds, occupied steps and weights; capacities are not read.
        deadline: step by which all operations have finished.
        how: beginning, decoder and limits.
        values: widths for the lifetimes; needed if ``alpha`` is not zero.
        alpha: price of one bit for one step.

    Raises:
        ValueError: the graph does not fit into the deadline, or ``values`` are missing.
        ImportError: JAX is missing: it is part of the extra ``experts``.
    """
    if alpha and values is None:
        raise ValueError("lifetimes have a price, so the widths of values are needed")
    return _search(
        Task(graph, deadline, resources=resources, values=values if alpha else None, lifetime_price=alpha), how
    )


def minimise_live_bits(graph: Graph, values: Values, deadline: int, how: Search) -> Found:
    """Formulation B: minimise the peak over all steps, the deadline included, of the live bits.

    Args:
        graph: precedences without distances.
        values: widths and outputs.
        deadline: step by which all operations have finished.
        how: beginning, decoder and limits.

    Raises:
        ValueError: the graph does not fit into the deadline.
        ImportError: JAX is missing: it is part of the extra ``experts``.
    """
    return _search(Task(graph, deadline, values=values, peak_price=1.0), how)


def minimise_folded_live_bits(
    graph: Graph, values: Values, resources: Resources, interval: int, horizon: int, how: Search
) -> Found:
    """Formulation C: a modulo schedule within capacities that minimises the peak of the folded live bits.

    A value is live up to the last of its consumers' starts, those of later repetitions at
    ``start + distance * interval``. A step ``t`` of the interval holds a value as often as its life has steps that
    are ``t`` modulo the interval.

    Args:
        graph: precedences with distances.
        values: widths.
        resources: kinds, occupied steps and capacities; weights are not read.
        interval: the initiation interval.
        horizon: step by which all operations of one repetition have finished.
        how: beginning, decoder and limits.

    Raises:
        ValueError: the graph does not fit into the horizon, or a cycle not into the interval.
        ImportError: JAX is missing: it is part of the extra ``experts``.
    """
    return _search(
        Task(graph, horizon, interval, resources=resources, capped=True, values=values, peak_price=1.0), how
    )


def _search(task: Task, how: Search) -> Found:
    # JAX takes a second to import, and only the search needs it.
    from heurigym.experts.scheduling.gauss.descent import search

    return search(task, how, how.decode or legalise_and_measure(task))
