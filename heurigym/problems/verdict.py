"""What a verifier says of a solution, and the small kit that verifiers are written with.

A verifier is a function ``verify(instance, solution)`` decorated with :func:`verifier`. It raises
:class:`Malformed` or :class:`Infeasible`, or returns the objective, and the decorator turns each into a
:class:`Verdict`, so that nothing is raised at the caller for any bytes whatever in the solution file.
This module imports only the standard library: it is loaded in every verifier process.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from heurigym.problems.outcome import Outcome

MESSAGE_LIMIT = 2000
"""Longest message of a verdict, in characters."""

Exact: TypeAlias = int | Fraction | Decimal
"""An objective as the verifier computes it: without rounding."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verifier's word on one solution.

    Attributes:
        outcome: ``feasible``, ``infeasible`` or ``malformed``.
        objective: the exact objective of a feasible solution, else ``None``.
        message: which constraint is violated and the first few offenders; at most 2,000 characters.
    """

    outcome: Outcome
    objective: int | Fraction | None
    message: str

    @property
    def number(self) -> int | float | None:
        """The objective as JSON carries it: an integer where it is one, else the nearest double."""
        return None if self.objective is None else as_number(self.objective)


def as_number(value: Exact) -> int | float:
    """``value`` as an integer when it is integral, else as the nearest double."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


class Rejection(Exception):
    """A solution that is not feasible; its text says why."""

    outcome = Outcome.INFEASIBLE


class Malformed(Rejection):
    """The solution file cannot be read as a solution of this problem's format."""

    outcome = Outcome.MALFORMED


class Infeasible(Rejection):
    """The solution is well formed and violates a constraint."""


Verifier: TypeAlias = Callable[[Sequence[Path], Path], Verdict]
"""``verify(instance files in the order of problem.yaml, solution file)``."""


def verifier(check: Callable[[Sequence[Path], Path], Exact]) -> Verifier:
    """Make a total verifier of a function that returns the exact objective or raises a :class:`Rejection`."""

    @functools.wraps(check)
    def verify(instance: Sequence[Path], solution: Path) -> Verdict:
        try:
            objective = check(instance, solution)
        except Rejection as rejection:
            return Verdict(rejection.outcome, None, shorten(str(rejection)))
        exact = Fraction(objective)
        return Verdict(Outcome.FEASIBLE, exact.numerator if exact.denominator == 1 else exact, "")

    return verify


def shorten(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """``text`` cut to ``limit`` characters, with a mark where it was cut."""
    return text if len(text) <= limit else text[: limit - 4] + " ..."


def listed(offenders: Iterable[object], count: int | None = None, shown: int = 5) -> str:
    """The first few offenders and how many more there are, for a verdict's message."""
    items = list(offenders)
    total = len(items) if count is None else count
    head = ", ".join(shorten(str(item), 80) for item in items[:shown])
    return head if total <= shown else f"{head} and {total - shown} more"


def listed_sentences(offenders: Sequence[str], shown: int = 5) -> str:
    """The first few offenders, each a sentence that may be long, and how many more there are."""
    more = f"; and {len(offenders) - shown} more" if len(offenders) > shown else ""
    return "; ".join(offenders[:shown]) + more
