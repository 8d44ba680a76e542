"""What a running campaign tells those who watch it."""

from dataclasses import dataclass
from typing import Protocol

from heurigym.agents.trajectory import Attempt, Cell, Trajectory


@dataclass(frozen=True)
class Progress:
    """How far a judging is: ``done`` of ``total`` instances of a split."""

    split: str
    done: int
    total: int


class Watcher(Protocol):
    """Is told what happens, from the event loop or from judging threads; must not block."""

    def cell_started(self, cell: Cell, trajectory: Trajectory) -> None:
        """A cell is taken up, anew or where it was left."""
        ...

    def calling(self, cell: Cell, number: int) -> None:
        """Attempt ``number`` calls the model."""
        ...

    def judging(self, cell: Cell, number: int, progress: Progress) -> None:
        """The program of attempt ``number`` is being judged."""
        ...

    def attempt_ended(self, cell: Cell, attempt: Attempt, trajectory: Trajectory) -> None:
        """An attempt is complete and stored."""
        ...

    def cell_ended(self, cell: Cell, trajectory: Trajectory) -> None:
        """A cell is finished or has failed, and is stored."""
        ...


class Silence:
    """A watcher that says nothing."""

    def cell_started(self, cell: Cell, trajectory: Trajectory) -> None:
        """Nothing."""

    def calling(self, cell: Cell, number: int) -> None:
        """Nothing."""

    def judging(self, cell: Cell, number: int, progress: Progress) -> None:
        """Nothing."""

    def attempt_ended(self, cell: Cell, attempt: Attempt, trajectory: Trajectory) -> None:
        """Nothing."""

    def cell_ended(self, cell: Cell, trajectory: Trajectory) -> None:
        """Nothing."""
