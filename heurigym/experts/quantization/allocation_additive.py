"""The additive form solved exactly: Pareto frontiers as in HAWQ-V2, ZeroQ's buckets, HAWQ-V3's integer program."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from heurigym.experts.quantization.allocation import BitAllocation, Floats, Ints
from heurigym.experts.quiet_highs import has_solution, proven, quiet_highs
from heurigym.experts.stopping import stopping


@dataclass(frozen=True)
class Frontier:
    """Allocations none of which is both smaller and better than another.

    Attributes:
        sizes: what they use, ascending.
        losses: what they lose, descending.
        choices: the choice of each unit, one row for each allocation.
    """

    sizes: Ints
    losses: Floats
    choices: Ints

    def within(self, size: float) -> Ints:
        """The allocation of least loss that uses at most ``size``.

        Raises:
            ValueError: there is none.
        """
        position = int(np.searchsorted(self.sizes, size, side="right")) - 1
        if position < 0:
            raise ValueError(f"no allocation uses at most {size}")
        return np.asarray(self.choices[position])


def pareto_frontier(loss: Floats | Ints, size: Ints) -> Frontier:
    """HAWQ-V2: the exact Pareto frontier of total loss and total size (Dong et al. 2020, section 3.3).

    Units are added one by one and dominated partial allocations dropped, so the work is their number, which
    is small where sizes have a large common divisor and grows with the number of distinct sizes otherwise.

    Args:
        loss: of each unit under each choice, shape (units, K).
        size: of each unit under each choice, the same shape.
    """
    return _frontier(np.asarray(loss, dtype=np.float64), size)


def bucket_frontier(loss: Floats | Ints, size: Ints, limit: int, buckets: int) -> Frontier:
    """ZeroQ: the Pareto frontier up to ``limit`` by dynamic programming over buckets (Cai et al. 2020).

    Sizes are rounded up to a whole number of buckets, so each allocation is within ``limit`` and the work is
    O(units K buckets). The sizes of the result are the exact ones.
    """
    width = max(1, -(-limit // buckets))
    rough = _frontier(np.asarray(loss, dtype=np.float64), -(-size // width), limit // width)
    units = np.arange(len(loss))
    exact = np.array([size[units, choice].sum() for choice in rough.choices], dtype=np.int64)
    order = np.lexsort((rough.losses, exact))
    kept = order[_undominated(rough.losses[order])]
    return Frontier(exact[kept], rough.losses[kept], rough.choices[kept])


def _frontier(loss: Floats, size: Ints, limit: int | None = None) -> Frontier:
    sizes, losses = np.zeros(1, dtype=np.int64), np.zeros(1)
    steps: list[tuple[Ints, Ints]] = []
    count = loss.shape[1]
    for own_loss, own_size in zip(loss, size, strict=True):
        all_sizes = (sizes[:, None] + own_size).ravel()
        all_losses = (losses[:, None] + own_loss).ravel()
        order = np.lexsort((all_losses, all_sizes))
        if limit is not None:
            order = order[all_sizes[order] <= limit]
        kept = order[_undominated(all_losses[order])]
        sizes, losses = all_sizes[kept], all_losses[kept]
        steps.append((kept // count, kept % count))
    choices = np.zeros((len(sizes), len(loss)), dtype=np.int64)
    place = np.arange(len(sizes))
    for unit in range(len(loss) - 1, -1, -1):
        before, chosen = steps[unit]
        choices[:, unit] = chosen[place]
        place = before[place]
    return Frontier(sizes, losses, choices)


def _undominated(losses: Floats) -> Ints:
    """Positions, in ascending order of size, at which the loss falls below all before."""
    if not len(losses):
        return np.zeros(0, dtype=np.int64)
    least_before = np.concatenate([[np.inf], np.minimum.accumulate(losses)[:-1]])
    return np.flatnonzero(losses < least_before)


@dataclass(frozen=True)
class Answer:
    """What an exact method says.

    Attributes:
        choice: the best allocation that it found, or ``None``.
        bound: proven lower bound on the loss.
    """

    choice: Ints | None
    bound: float


def integer_program(
    problem: BitAllocation, seconds: float, seed: int = 0, clock: Callable[[], float] = time.monotonic
) -> Answer:
    """HAWQ-V3: the additive form under all budgets as an integer program for one thread of HiGHS.

    One binary variable for each unit and choice, one choice for each unit, one row for each budget (Yao et al.
    2021, section 3.4). Pairs are left out of the objective. The bound is rounded towards safety.
    """
    deadline = clock() + seconds
    solver = quiet_highs(seed)
    solver.setOptionValue("mip_abs_gap", 0.5)
    solver.passModel(_linear_program(problem))
    solver.HandleUserInterrupt = True
    with stopping(solver.cancelSolve, deadline, clock):
        solver.solve()
    if not has_solution(solver):
        return Answer(None, _below(proven(solver, None)))
    columns = np.asarray(solver.getSolution().col_value).reshape(problem.loss.shape)
    choice = columns.argmax(axis=1).astype(np.int64)
    bound = _below(proven(solver, float(problem.loss[np.arange(len(choice)), choice].sum())))
    # Budgets are checked in integers, since the solver keeps them within a tolerance alone.
    return Answer(choice if problem.is_feasible(choice) else None, bound)


def _below(bound: float) -> float:
    """A little less than a bound in floating point, so that the exact one is not exceeded."""
    return bound - 1e-9 * abs(bound) if np.isfinite(bound) else bound


def _linear_program(problem: BitAllocation) -> highspy.HighsLp:
    units, width = problem.loss.shape
    rows = len(problem.budgets)
    # Budgets become 1, so that one tolerance suits all of them.
    scale = np.maximum(problem.budgets, 1).astype(np.float64)
    use = problem.use.reshape(rows, units * width) / scale[:, None]
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = units * width, units + rows
    program.col_cost_ = problem.loss.astype(np.float64).ravel()
    program.col_lower_, program.col_upper_ = np.zeros(units * width), np.ones(units * width)
    program.integrality_ = [highspy.HighsVarType.kInteger] * (units * width)
    program.row_lower_ = np.concatenate([np.ones(units), np.full(rows, -np.inf)])
    program.row_upper_ = np.concatenate([np.ones(units), problem.budgets / scale])
    columns = np.arange(units * width)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = (np.arange(units + rows + 1).clip(max=units) * width).astype(np.int32) + (
        np.arange(units + rows + 1) - units
    ).clip(min=0).astype(np.int32) * np.int32(units * width)
    program.a_matrix_.index_ = np.tile(columns, 1 + rows).astype(np.int32)
    program.a_matrix_.value_ = np.concatenate([np.ones(units * width), use.ravel()])
    return program
