"""Exact extraction by HiGHS."""

import time
from collections.abc import Callable

import highspy
import numpy as np

from heurigym.experts.egraph.answers import Answer
from heurigym.experts.egraph.graph import EGraph, Floats, Ints
from heurigym.experts.egraph.model import Model, choice_from
from heurigym.experts.quiet_highs import has_solution, proven, quiet_highs
from heurigym.experts.stopping import stopping

_TOLERANCE = 1e-7
"""Relative difference of objective and bound that is taken for rounding."""


def solve(
    graph: EGraph,
    seconds: float,
    plain: bool = False,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """The cheapest extraction that one thread of HiGHS finds in ``seconds`` of ``clock``.

    It is given no start, see :mod:`heurigym.experts.quiet_highs`.
    ``plain`` solves the model as published, see :class:`~heurigym.experts.egraph.model.Model`.
    """
    begin = clock()
    model = Model(graph, plain)
    solver = quiet_highs(seed)
    solver.passModel(_linear_program(model))
    solver.HandleUserInterrupt = True
    found: list[tuple[float, float]] = []
    solver.cbMipImprovingSolution += lambda event: found.append(
        (clock() - begin, float(event.data_out.objective_function_value))
    )
    with stopping(solver.cancelSolve, begin + seconds, clock):
        solver.solve()
    if not has_solution(solver):
        return Answer(None, proven(solver, None), False, found)
    choice = choice_from(graph, np.asarray(solver.getSolution().col_value[: graph.node_count]) > 0.5)
    cost = float(graph.cost_of(choice))
    bound = proven(solver, cost)
    # HiGHS has been seen to call a solution optimal beside a bound that does not say so; only the bound counts.
    return Answer(choice, bound, bound >= cost - _TOLERANCE * max(1.0, abs(cost)), found)


def _linear_program(model: Model) -> highspy.HighsLp:
    graph = model.graph
    nodes, classes, pairs = graph.node_count, graph.class_count, len(model.pair_class)
    class_column, level_column = nodes, nodes + classes
    columns = nodes + 2 * classes
    cyclic = model.cyclic_pairs
    parts: list[tuple[Ints, Ints, Floats]] = []
    lower: list[Floats] = []
    upper: list[Floats] = []
    rows = 0

    def add(row: Ints, column: Ints, value: Floats | float) -> None:
        parts.append((row + rows, column, np.broadcast_to(np.asarray(value, dtype=float), row.shape)))

    def close(count: int, low: Floats | float, high: Floats | float) -> None:
        nonlocal rows
        lower.append(np.broadcast_to(np.asarray(low, dtype=float), (count,)))
        upper.append(np.broadcast_to(np.asarray(high, dtype=float), (count,)))
        rows += count

    # A needed class has exactly one chosen node.
    add(graph.class_of, np.arange(nodes), 1.0)
    add(np.arange(classes), class_column + np.arange(classes), -1.0)
    close(classes, 0.0, 0.0)
    # A child of a chosen node is needed.
    add(model.edge_row, graph.edge_node, 1.0)
    add(np.arange(pairs), class_column + model.pair_child, -1.0)
    close(pairs, -np.inf, 0.0)
    # A child of a chosen node is at a higher level.
    if len(cyclic):
        number = np.full(pairs, -1, dtype=np.int64)
        number[cyclic] = np.arange(len(cyclic))
        inside = number[model.edge_row] >= 0
        size = model.levels[model.pair_class[cyclic]].astype(float)
        row = np.arange(len(cyclic))
        own = model.pair_class[cyclic] != model.pair_child[cyclic]
        add(row[own], level_column + model.pair_child[cyclic][own], 1.0)
        add(row[own], level_column + model.pair_class[cyclic][own], -1.0)
        add(number[model.edge_row[inside]], graph.edge_node[inside], -size[number[model.edge_row[inside]]])
        close(len(cyclic), 1.0 - size, np.inf)
    # A class that is no root is needed by a chosen node.
    if graph.has_negative_costs:
        add(graph.children, graph.edge_node, -1.0)
        others = np.flatnonzero(~model.is_root)
        add(others, class_column + others, 1.0)
        close(classes, -np.inf, 0.0)

    program = highspy.HighsLp()
    program.num_col_ = columns
    program.num_row_ = rows
    program.col_cost_ = np.concatenate([[float(cost) for cost in graph.costs], np.zeros(2 * classes)])
    level_limit = np.maximum(0, model.levels - 1).astype(float)
    program.col_lower_ = np.concatenate([np.zeros(nodes), model.is_root.astype(float), np.zeros(classes)])
    program.col_upper_ = np.concatenate([np.ones(nodes + classes), level_limit])
    program.integrality_ = [highspy.HighsVarType.kInteger] * nodes + [highspy.HighsVarType.kContinuous] * (
        2 * classes
    )
    program.row_lower_ = np.concatenate(lower)
    program.row_upper_ = np.concatenate(upper)
    row_of, column_of, value_of = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    order = np.argsort(row_of, kind="stable")
    start = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(row_of, minlength=rows), out=start[1:])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = start.astype(np.int32)
    program.a_matrix_.index_ = column_of[order].astype(np.int32)
    program.a_matrix_.value_ = value_of[order]
    return program
