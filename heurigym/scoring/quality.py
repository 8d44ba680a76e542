"""Quality of one objective against an expert's: the primal gap, capped and uncapped."""

from fractions import Fraction
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["minimize", "maximize"]


def quality(objective: float, expert: float, direction: Direction) -> float:
    """How near ``objective`` comes to ``expert``: 1 when equal or better, towards 0 when worse.

    When worse it is ``1 - |c - c*| / max(|c|, |c*|)``, which for positive minimisation is the published
    ``min(1, c*/c)`` of HeuriGym (arXiv 2506.07972, section on metrics); it is 0 when the signs differ or exactly
    one of the two is zero.
    """
    if not is_worse(objective, expert, direction):
        return 1.0
    same_sign = (objective > 0 and expert > 0) or (objective < 0 and expert < 0)
    return float(1 - _gap(objective, expert)) if same_sign else 0.0


def quality_uncapped(objective: float, expert: float, direction: Direction) -> float:
    """As :func:`quality`, but beating the expert counts: ``1 + |c - c*| / max(|c|, |c*|)`` when better."""
    if is_worse(objective, expert, direction) or objective == expert:
        return quality(objective, expert, direction)
    return float(1 + _gap(objective, expert))


def is_worse(objective: float, expert: float, direction: Direction) -> bool:
    """Whether ``objective`` is strictly worse than ``expert``."""
    return objective > expert if direction == "minimize" else objective < expert


def _gap(objective: float, expert: float) -> Fraction:
    """The primal gap, exactly: objectives may be integers beyond what floats hold, or floats near underflow."""
    first, second = Fraction(objective), Fraction(expert)
    return abs(first - second) / max(abs(first), abs(second))
