"""A campaign's store: a folder with the frozen specification and one JSON file for each trajectory.

::

    DIR/campaign.json                                   specification and manifest
    DIR/trajectories/PROBLEM/MODEL/STRATEGY/SAMPLE.json  one trajectory
    DIR/.lock                                           held by the process that runs the campaign

Every file is replaced atomically, so that a process killed at any moment loses at most the step under way.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heurigym.agents.trajectory import SCHEMA_VERSION, Cell, Trajectory
from heurigym.campaigns.manifest import Manifest
from heurigym.campaigns.spec import CampaignSpec
from heurigym.errors import InputError
from heurigym.problems.spec import describe


class Campaign(BaseModel):
    """``campaign.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = Field(SCHEMA_VERSION, description="version of the store's format")
    spec: CampaignSpec = Field(description="the campaign as it was started")
    manifest: Manifest = Field(description="what it ran with")


class Store:
    """The store in a folder.

    Attributes:
        folder: where it is.
        campaign: the specification and the manifest.
    """

    def __init__(self, folder: Path, campaign: Campaign) -> None:
        self.folder = folder
        self.campaign = campaign

    @classmethod
    def create(cls, folder: Path, spec: CampaignSpec, manifest: Manifest) -> "Store":
        """A new store in ``folder``, which must be new or empty.

        Raises:
            InputError: the folder holds something, or cannot be written.
        """
        path = folder / "campaign.json"
        if path.exists():
            raise InputError(f"{folder}: already holds a campaign; go on with `heurigym resume {folder}`")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(entry.name not in (".lock", _part(path).name) for entry in folder.iterdir()):
                raise InputError(f"{folder}: is not empty; name a new folder with --out")
            campaign = Campaign(spec=spec, manifest=manifest)
            _replace(path, campaign)
        except OSError as error:
            raise InputError(f"{folder}: cannot be written: {error.strerror}; name another with --out") from None
        return cls(folder, campaign)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """The store in ``folder``.

        Raises:
            InputError: there is none, it is damaged, or a newer version of HeuriGym wrote it.
        """
        path = folder / "campaign.json"
        if not path.is_file():
            raise InputError(f"{folder}: not a store: it has no campaign.json")
        content = _read(path)
        try:
            return cls(folder, Campaign.model_validate(content))
        except ValidationError as error:
            raise InputError(describe(path, error)) from None

    def path(self, cell: Cell) -> Path:
        """Where the trajectory of ``cell`` is."""
        parts = (slug(cell.problem), slug(cell.model), slug(cell.strategy))
        return self.folder.joinpath("trajectories", *parts, f"{cell.sample}.json")

    def load(self, cell: Cell) -> Trajectory | None:
        """The trajectory of ``cell``, if it has begun.

        Raises:
            InputError: it is damaged, or a newer version of HeuriGym wrote it.
        """
        path = self.path(cell)
        return _read_trajectory(path) if path.exists() else None

    def save(self, trajectory: Trajectory) -> None:
        """Replace the stored trajectory atomically.

        Raises:
            OSError: it cannot be written; the stored one is unharmed.
        """
        path = self.path(trajectory.cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, trajectory)

    def trajectories(self) -> Iterator[Trajectory]:
        """The trajectories that have begun, one at a time, in the order of the campaign's cells.

        Raises:
            InputError: one is damaged, or a newer version of HeuriGym wrote it.
        """
        for cell in self.campaign.spec.cells():
            trajectory = self.load(cell)
            if trajectory is not None:
                yield trajectory

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store, so that no other process runs the campaign at the same time.

        Raises:
            InputError: another process holds it, or the folder cannot be written.
        """
        try:
            descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise InputError(f"{self.folder}: cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InputError(f"{self.folder}: another process is running this campaign") from None
        try:
            yield
        finally:
            os.close(descriptor)


def slug(name: str) -> str:
    """``name`` as a file name: readable, and different for different names."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:80]
    if plain == name:
        return plain
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _read_trajectory(path: Path) -> Trajectory:
    content = _read(path)
    try:
        return Trajectory.model_validate(content)
    except ValidationError as error:
        raise InputError(describe(path, error)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: damaged: it is not JSON; delete it to run its cell again") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if not isinstance(version, int):
        raise InputError(f"{path}: schema_version: is missing; this is not a file of a store")
    if version > SCHEMA_VERSION:
        raise InputError(
            f"{path}: schema_version: {version} was written by a newer HeuriGym; this one reads up to "
            f"{SCHEMA_VERSION}: upgrade heurigym"
        )
    assert isinstance(content, dict)
    return content


def _replace(path: Path, content: BaseModel) -> None:
    part = _part(path)
    try:
        with part.open("wb") as file:
            file.write(content.model_dump_json(indent=1).encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _part(path: Path) -> Path:
    """Where a file is written first: always there, so that what a killed process leaves is overwritten."""
    return path.with_name(f".{path.name}.part")
