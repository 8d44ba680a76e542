"""The pairwise form for OR-Tools CP-SAT: products of indicators, each unit's rows and columns summing to it."""

import time
from collections.abc import Callable

import numpy as np
from ortools.sat.python import cp_model

from heurigym.experts import timed_cpsat
from heurigym.experts.quantization.allocation import BitAllocation, Ints
from heurigym.experts.quantization.allocation_additive import Answer


def solve(
    problem: BitAllocation,
    seconds: float,
    hint: Ints | None = None,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """The best allocation that CP-SAT finds in ``seconds`` of ``clock``, from ``hint`` on."""
    deadline = clock() + seconds
    units, width = problem.loss.shape
    model = cp_model.CpModel()
    picked = [[model.new_bool_var("") for _ in range(width)] for _ in range(units)]
    for own in picked:
        model.add_exactly_one(own)
    flat = [variable for own in picked for variable in own]
    for use, budget in zip(problem.use, problem.budgets.tolist(), strict=True):
        # What every unit uses at least leaves a smaller row with the same solutions.
        least = use.min(axis=1)
        spare = (use - least[:, None]).ravel().tolist()
        divisor = max(1, int(np.gcd.reduce(spare)))
        row = [amount // divisor for amount in spare]
        model.add(cp_model.LinearExpr.weighted_sum(flat, row) <= (budget - int(least.sum())) // divisor)
    products: list[list[list[cp_model.IntVar]]] = []
    for one, other in zip(problem.first.tolist(), problem.second.tolist(), strict=True):
        both = [[model.new_bool_var("") for _ in range(width)] for _ in range(width)]
        for own, line in zip(picked[one], both, strict=True):
            model.add(sum(line) == own)
        for own, column_of in zip(picked[other], zip(*both, strict=True), strict=True):
            model.add(sum(column_of) == own)
        products.append(both)
    variables = flat + [variable for both in products for line in both for variable in line]
    costs = np.concatenate([problem.loss.ravel(), problem.coupling.ravel()]).tolist()
    model.minimize(cp_model.LinearExpr.weighted_sum(variables, costs))
    if hint is not None:
        for own, chosen in zip(picked, hint.tolist(), strict=True):
            for index, variable in enumerate(own):
                model.add_hint(variable, index == chosen)
        for one, other, both in zip(problem.first.tolist(), problem.second.tolist(), products, strict=True):
            for place, line in enumerate(both):
                for column, variable in enumerate(line):
                    model.add_hint(variable, bool(place == hint[one] and column == hint[other]))
    solver, status = timed_cpsat.solve(model, deadline, seed, clock)
    if not timed_cpsat.has_values(status):
        return Answer(None, float(solver.best_objective_bound))
    choice = np.array([[solver.boolean_value(variable) for variable in own] for own in picked]).argmax(axis=1)
    return Answer(choice.astype(np.int64), float(solver.best_objective_bound))
