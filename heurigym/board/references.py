"""The expert values of the day, which a board scores by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from heurigym.errors import InputError
from heurigym.problems.problem import find_problem, is_path
from heurigym.scoring.quality import Direction


@dataclass(frozen=True, slots=True)
class Reference:
    """What scores of one version of a problem follow from, objectives given.

    Attributes:
        experts: expert values by name of the instance.
        direction: which way objectives are better.
    """

    experts: Mapping[str, float]
    direction: Direction


FindReference = Callable[[str, str], Reference | None]
"""The expert values of a problem's version, by name and digest; ``None`` where that version is not known here."""


def local_references() -> FindReference:
    """Finds expert values among the problems known here, each once, so that a whole board is scored by the same."""

    @cache
    def find(name: str, digest: str) -> Reference | None:
        if is_path(name):
            return None
        try:
            problem = find_problem(name)
            if problem.digest != digest:
                return None
            return Reference(problem.experts, problem.spec.objective.direction)
        except InputError:
            return None

    return find
