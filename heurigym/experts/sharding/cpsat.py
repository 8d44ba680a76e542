"""The whole reduced problem as a model for OR-Tools CP-SAT, hinted with the best choice so far."""

from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from heurigym.experts.sharding.arrays import Arrays, Integers
from heurigym.experts.sharding.reduction import FORBIDDEN

LARGEST_MODEL = 25_000
"""Most pairs of strategies in a model: building larger ones takes longer than searching."""


def pairs_below(arrays: Arrays, cost: float) -> int:
    """How many pairs of strategies of neighbours cost at most ``cost``."""
    return int((arrays.pair <= cost).sum())


def solve(
    arrays: Arrays, hint: Integers, cost: int, seconds: float, seed: int
) -> tuple[Integers | None, int | None]:
    """A choice that costs less than ``cost``, if one is found in ``seconds``, and a proven lower bound.

    Pairs that cost more than ``cost`` are left out, for no choice as good as the hint has one: all costs are at
    least 0. Every other pair has a variable, and those of a strategy add up to it (the local polytope, see
    T. Werner, A linear programming approach to max-sum problem, 2007).

    Args:
        arrays: the problem; its costs are whole numbers.
        hint: a choice that fits.
        cost: its cost.
        seconds: processor time.
        seed: random seed.
    """
    model = cp_model.CpModel()
    nodes = len(arrays.first) - 1
    chosen = [model.new_bool_var("") for _ in range(len(arrays.cost))]
    terms: list[cp_model.IntVar] = []
    weights: list[int] = []
    for node in range(nodes):
        first, last = int(arrays.first[node]), int(arrays.first[node + 1])
        model.add_exactly_one(chosen[first:last])
        for at in range(first, last):
            model.add_hint(chosen[at], bool(hint[node] == at - first))
            if arrays.cost[at] > min(cost, FORBIDDEN - 1):
                model.add(chosen[at] == 0)
            elif arrays.cost[at]:
                terms.append(chosen[at])
                weights.append(int(arrays.cost[at]))
        for edge in range(int(arrays.adjacent[node]), int(arrays.adjacent[node + 1])):
            if arrays.other[edge] > node:
                _add_edge(model, arrays, chosen, node, edge, cost, hint, terms, weights)
    _add_memory(model, arrays, chosen)
    model.minimize(cp_model.LinearExpr.weighted_sum(terms, weights))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.linearization_level = 2
    solver.parameters.max_time_in_seconds = max(0.1, seconds)
    status = solver.solve(model)
    bound = None
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
        bound = int(np.ceil(solver.best_objective_bound - 1e-6))
        bound = bound if bound > 0 else None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, bound
    found = [
        next(
            index
            for index, variable in enumerate(chosen[int(arrays.first[node]) : int(arrays.first[node + 1])])
            if solver.boolean_value(variable)
        )
        for node in range(nodes)
    ]
    return np.array(found, dtype=np.int64), bound


def _add_edge(
    model: cp_model.CpModel,
    arrays: Arrays,
    chosen: Sequence[cp_model.IntVar],
    node: int,
    edge: int,
    cost: int,
    hint: Integers,
    terms: list[cp_model.IntVar],
    weights: list[int],
) -> None:
    other = int(arrays.other[edge])
    rows, columns = (range(int(arrays.first[place]), int(arrays.first[place + 1])) for place in (node, other))
    by_row: list[list[cp_model.IntVar]] = [[] for _ in rows]
    by_column: list[list[cp_model.IntVar]] = [[] for _ in columns]
    table = int(arrays.table[edge])
    for row in range(len(rows)):
        for column in range(len(columns)):
            value = arrays.pair[table + row * arrays.mine[edge] + column * arrays.theirs[edge]]
            if value > min(cost, FORBIDDEN - 1):
                continue
            both = model.new_bool_var("")
            model.add_hint(both, bool(hint[node] == row and hint[other] == column))
            by_row[row].append(both)
            by_column[column].append(both)
            if value:
                terms.append(both)
                weights.append(int(value))
    for place, variables in (*zip(rows, by_row, strict=True), *zip(columns, by_column, strict=True)):
        model.add(sum(variables) == chosen[place])


def _add_memory(model: cp_model.CpModel, arrays: Arrays, chosen: Sequence[cp_model.IntVar]) -> None:
    points = len(arrays.base)
    variables: list[list[cp_model.IntVar]] = [[] for _ in range(points)]
    usages: list[list[int]] = [[] for _ in range(points)]
    room = arrays.limit[0] - arrays.base
    for node in range(len(arrays.first) - 1):
        first, count = int(arrays.first[node]), int(arrays.first[node + 1] - arrays.first[node])
        for item in range(int(arrays.item[node]), int(arrays.item[node + 1])):
            usage = arrays.usage[arrays.held[item] : arrays.held[item] + count]
            least = int(usage.min())
            begin, end = int(arrays.begin[item]), int(arrays.end[item])
            room[begin:end] -= least
            for index in np.flatnonzero(usage > least).tolist():
                for point in range(begin, end):
                    variables[point].append(chosen[first + index])
                    usages[point].append(int(usage[index]) - least)
    for point in range(points):
        if sum(usages[point]) > room[point]:
            model.add(cp_model.LinearExpr.weighted_sum(variables[point], usages[point]) <= int(room[point]))
