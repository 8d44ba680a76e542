"""Allocations without search: uniform bits, greedy by sensitivity, and HAWQ's order of layers."""

import numpy as np

from heurigym.experts.quantization.allocation import BitAllocation, Floats, Ints


def uniform(problem: BitAllocation) -> Ints:
    """The best allocation that gives all layers the same bits.

    Raises:
        ValueError: no choice keeps all budgets.
    """
    candidates = [np.full(problem.unit_count, choice, dtype=np.int64) for choice in range(problem.choice_count)]
    feasible = [candidate for candidate in candidates if problem.is_feasible(candidate)]
    if not feasible:
        raise ValueError("no uniform allocation keeps all budgets")
    return min(feasible, key=problem.total)


def leanest(problem: BitAllocation) -> Ints:
    """For each unit the choice that uses the least, relative to the budgets."""
    return np.asarray(_relative_use(problem).argmin(axis=1))


def greedy(problem: BitAllocation, coupled: bool = False) -> Ints:
    """The greedy descent by sensitivity per bit, from the choice of least loss for each unit.

    With ``coupled`` the loss of a step includes what comes from pairs; without, it is each unit's loss alone.

    Raises:
        ValueError: it found nothing within all budgets.
    """
    judged = problem if coupled else problem.additive()
    return fill(problem, repair(judged, judged.loss.argmin(axis=1)), judged)


def repair(problem: BitAllocation, choice: Ints) -> Ints:
    """Give up, one step after the other, what costs the least loss for the excess that it saves, until all fits.

    The excess is the sum over all exceeded budgets, relative to them, so every step brings it nearer to none.

    Raises:
        ValueError: it found nothing within all budgets.
    """
    choice = choice.copy()
    units = np.arange(problem.unit_count)
    budgets = np.maximum(problem.budgets, 1)
    while not problem.is_feasible(choice):
        over = problem.used(choice) - problem.budgets
        after = over[:, None, None] + problem.use - problem.use[:, units, choice][:, :, None]
        saved = np.tensordot(1.0 / budgets, np.maximum(0, over)[:, None, None] - np.maximum(0, after), 1)
        step = step_losses(problem, choice)
        # Steps that save and lose nothing come first, those that gain the most before others.
        price = np.where(step > 0, step / np.where(saved > 0, saved, 1.0), step)
        price = np.where(saved > 0, price, np.inf)
        unit, new = np.unravel_index(int(price.argmin()), price.shape)
        if not np.isfinite(price[unit, new]):
            raise ValueError("greedy descent ends outside the budgets")
        choice[unit] = new
    return choice


def fill(problem: BitAllocation, choice: Ints, judged: BitAllocation | None = None) -> Ints:
    """Change one unit after the other, the largest gain that fits first, until none helps.

    ``judged`` is the form of the problem whose loss counts, the problem itself by default.
    """
    judged = judged or problem
    choice = choice.copy()
    units = np.arange(problem.unit_count)
    while True:
        change = problem.use - problem.use[:, units, choice][:, :, None]
        room = problem.budgets - problem.used(choice)
        step = np.where((change <= room[:, None, None]).all(axis=0), step_losses(judged, choice), 0)
        unit, new = np.unravel_index(int(step.argmin()), step.shape)
        if step[unit, new] >= 0:
            return choice
        choice[unit] = new


def step_losses(problem: BitAllocation, choice: Ints) -> Ints:
    """How the loss changes when one unit takes another choice, shape (units, K)."""
    field = problem.loss.copy()
    pairs = np.arange(len(problem.first))
    np.add.at(field, problem.first, problem.coupling[pairs, :, choice[problem.second]])
    np.add.at(field, problem.second, problem.coupling[pairs, choice[problem.first], :])
    return np.asarray(field - field[np.arange(problem.unit_count), choice][:, None])


def in_order(problem: BitAllocation, sensitivity: Floats) -> Ints:
    """HAWQ: units of larger sensitivity get no fewer bits, and the choices make the most of the budgets.

    The order alone decides (Dong et al. 2019, section 3.2); it knows no loss. The units from the most to the least
    sensitive get choices from the most to the least demanding; all are raised together, step by step, as far as the
    budgets allow, beginning with the most sensitive one.

    Args:
        problem: the instance.
        sensitivity: of each unit, in HAWQ the top eigenvalue of its Hessian for each parameter.
    """
    demand = _relative_use(problem).sum(axis=0)
    ladder = np.argsort(demand, kind="stable")
    order = np.argsort(-sensitivity, kind="stable")
    choice = np.full(problem.unit_count, ladder[0], dtype=np.int64)
    for rung in ladder[1:]:
        for unit in order:
            trial = choice.copy()
            trial[unit] = rung
            if not problem.is_feasible(trial):
                # A less sensitive unit must not have more bits, so the rung ends here.
                break
            choice = trial
    return choice


def _relative_use(problem: BitAllocation) -> Floats:
    return np.asarray((problem.use / np.maximum(problem.budgets, 1)[:, None, None]).sum(axis=0))
