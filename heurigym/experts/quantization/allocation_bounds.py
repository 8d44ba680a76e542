"""Lower bounds on the loss: budgets priced by multipliers, and what positive semidefiniteness proves."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from heurigym.experts.quantization.allocation import BitAllocation, Floats, Ints
from heurigym.experts.quantization.allocation_elimination import Elimination

_ROUNDING = 1e-9
"""Share of a value that is given up for what floating point rounds."""
_EIGENVALUE_ERROR = 1e-6

LARGEST_MATRIX = 1500
"""Rows of the largest matrix of which eigenvalues are computed."""


@dataclass(frozen=True)
class Priced:
    """The Lagrangian bound.

    Attributes:
        bound: proven lower bound on the loss of every allocation within the budgets.
        prices: multiplier of each budget that proves it, in loss for each unit of the resource.
        choices: the allocations that were minimal for some prices on the way, within the budgets or not.
    """

    bound: float
    prices: Floats
    choices: list[Ints]


def lagrangian_bound(
    problem: BitAllocation,
    elimination: Elimination,
    value: int,
    rounds: int = 60,
    tolerance: float = 1e-7,
    is_over: Callable[[], bool] = lambda: False,
) -> Priced:
    """The best bound over all prices of the budgets, by cutting planes (Kelley 1960).

    For any prices, the least of loss plus priced excess is a lower bound; elimination finds it exactly.

    Args:
        problem: the instance.
        elimination: of the instance.
        value: the loss of some allocation within the budgets.
        rounds: most evaluations.
        tolerance: relative gap between the bound and what cutting planes still promise at which it ends.
        is_over: whether to end now.
    """
    budgets = np.maximum(problem.budgets, 1).astype(np.float64)
    rows = len(budgets)
    use = problem.use / budgets[:, None, None]
    prices = np.zeros(rows)
    best, best_prices = -math.inf, prices
    planes: list[tuple[float, Floats]] = []
    choices: list[Ints] = []
    promise = math.inf
    for _ in range(rounds):
        least, choice = elimination.minimum(problem.loss + np.tensordot(prices, use, 1))
        bound = least - float(prices @ (problem.budgets / budgets))
        if bound > best:
            best, best_prices = bound, prices
        choices.append(choice)
        excess = (problem.used(choice) - problem.budgets) / budgets
        planes.append((float(problem.total(choice)), excess))
        if rows == 0 or is_over() or promise - best <= tolerance * max(1.0, abs(best)):
            break
        prices, promise = _highest_point(planes, 100.0 * max(1, abs(value)))
    safe = best - _ROUNDING * (abs(best) + float(best_prices.sum()))
    return Priced(safe, best_prices / budgets, choices)


def _highest_point(planes: list[tuple[float, Floats]], most: float) -> tuple[Floats, float]:
    """Where the lower envelope of the planes is highest, and how high, for prices from 0 to ``most``."""
    scale = max(1.0, max(abs(height) for height, _ in planes))
    slopes = np.array([[*(-excess), 1.0] for _, excess in planes])
    heights = np.array([height for height, _ in planes]) / scale
    rows = slopes.shape[1] - 1
    limits = [(0.0, most / scale)] * rows + [(None, None)]
    found = linprog(np.array([0.0] * rows + [-1.0]), A_ub=slopes, b_ub=heights, bounds=limits, method="highs")
    # The plane of prices at zero bounds it from above, so there is a highest point.
    assert found.x is not None
    return np.maximum(0.0, np.asarray(found.x[:rows]) * scale), float(found.x[rows]) * scale


def least_eigenvalue(problem: BitAllocation) -> float:
    """The least eigenvalue of the couplings scaled by the losses alone, 1 where there are no couplings.

    The whole form is x' (A + C) x for indicators x, A the diagonal of the losses alone and C half the couplings.
    As x' A x is what the additive form loses, the form is at least this eigenvalue times the additive loss: a
    positive one proves that every allocation loses something, and bounds the optimum by the additive one. Choices
    whose loss is zero must have no couplings.
    """
    units, width = problem.loss.shape
    scaled = np.zeros((units, width, units, width))
    root = np.sqrt(np.maximum(problem.loss, 0).astype(np.float64))
    inverse = np.where(root > 0, 1.0 / np.where(root > 0, root, 1.0), 0.0)
    for one, other, table in zip(problem.first, problem.second, problem.coupling, strict=True):
        block = 0.5 * table * np.outer(inverse[one], inverse[other])
        scaled[one, :, other, :] = block
        scaled[other, :, one, :] = block.T
    flat = scaled.reshape(units * width, units * width)
    return 1.0 + float(np.linalg.eigvalsh(flat)[0]) if len(problem.first) else 1.0


def eigenvalue_bound(problem: BitAllocation, additive_bound: float) -> float:
    """The lower bound that the additive optimum and :func:`least_eigenvalue` prove together.

    Minus infinity where they prove nothing: the eigenvalue is not positive, some loss is not, or the matrix is so
    large that its eigenvalues are not worth their time.
    """
    if problem.loss.size > LARGEST_MATRIX or (problem.loss <= 0).any():
        return -math.inf
    eigenvalue = least_eigenvalue(problem) - _EIGENVALUE_ERROR
    return eigenvalue * additive_bound if eigenvalue > 0 else -math.inf
