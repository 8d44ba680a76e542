"""``replay/PATH``: the replies of a stored trajectory again, without calling anybody."""

from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ValidationError

from heurigym.errors import InputError
from heurigym.models.protocol import CallContext, ModelError, Reply, Request


class _StoredAttempt(BaseModel):
    reply: Reply | None = None


class _StoredCell(BaseModel):
    problem: str
    sample: int


class _StoredTrajectory(BaseModel):
    cell: _StoredCell
    attempts: tuple[_StoredAttempt, ...]


class Replay:
    """Answers attempt ``k`` with the ``k``-th stored reply.

    ``path`` is one trajectory file, or a store, of which the trajectory of the same problem and sample is taken.
    """

    is_script = True

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        files = [path] if path.is_file() else sorted(path.glob("trajectories/**/*.json"))
        if not files:
            raise InputError(f"{name}: {path} is neither a trajectory nor a store with trajectories")
        self._files = files

    async def complete(self, request: Request, context: CallContext) -> Reply:
        """The stored reply of the same attempt.

        Raises:
            ModelError: none is stored.
        """
        for file in self._files:
            trajectory = _read(file)
            if (trajectory.cell.problem, trajectory.cell.sample) == (context.problem, context.sample):
                replies = [attempt.reply for attempt in trajectory.attempts]
                if context.attempt < len(replies) and (reply := replies[context.attempt]) is not None:
                    return reply.model_copy(update={"cost_usd": Decimal(0), "price_source": "replayed"})
                raise ModelError(f"{file} stores no reply for attempt {context.attempt}", permanent=True)
        where = f"{context.problem}, sample {context.sample}"
        raise ModelError(f"{self.name} stores no trajectory of {where}", permanent=True)

    async def close(self) -> None:
        """Nothing to give back."""


def _read(file: Path) -> _StoredTrajectory:
    try:
        return _StoredTrajectory.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelError(f"{file} is not a stored trajectory: {error}", permanent=True) from None
