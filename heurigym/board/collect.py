"""Puts the trajectories of stores together into what a board scores."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from heurigym.agents.trajectory import Cell
from heurigym.board.facts import unread
from heurigym.board.reading import OnTrajectory, Reader, Reading
from heurigym.board.records import Entry, Facts, Setting, Version
from heurigym.board.references import local_references
from heurigym.campaigns.store import Campaign, Store
from heurigym.errors import InputError

OnReading = Callable[[Reading, Version], None]
"""Called with what is kept of each trajectory, and the version of its problem."""


@dataclass(slots=True)
class Collected:
    """What several stores hold.

    Attributes:
        campaigns: the campaigns, in the order of the stores.
        versions: problem versions by name, digest and part.
        notes: what a reader should know: damaged files, trajectories met twice, selections that do not hold.
        rescored: how many trajectories of each problem were stored with other expert values than those of the day.
    """

    campaigns: list[Campaign] = field(default_factory=list)
    versions: dict[tuple[str, str, int], Version] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rescored: Counter[str] = field(default_factory=Counter)


def _ignore(*_: object) -> None:
    """Do nothing."""


def find_stores(folders: Sequence[Path]) -> list[Path]:
    """The stores among ``folders``, and those in the folders that are none, such as a folder of entries.

    Raises:
        InputError: a folder neither is a store nor holds one.
    """
    found: list[Path] = []
    for folder in folders:
        inside = sorted(path.parent for path in folder.glob("*/campaign.json"))
        if (folder / "campaign.json").is_file() or not inside:
            Store.open(folder)
            found.append(folder)
        else:
            found += inside
    return found


def collect(
    stores: Sequence[Path],
    *,
    reader: Reader | None = None,
    on_trajectory: OnTrajectory = _ignore,
    on_reading: OnReading = _ignore,
) -> Collected:
    """What ``stores`` hold, one trajectory at a time.

    A damaged trajectory is noted and counted as failed, so that one file does not hide the others.

    Args:
        stores: folders of campaigns, or of several of them.
        reader: what reads them; one that remembers reads again only what changed.
        on_trajectory: called with each trajectory that is read.
        on_reading: called with what is kept of each trajectory, read now or remembered.

    Raises:
        InputError: a folder is not a store, or a newer version of HeuriGym wrote it.
    """
    collection = _Collection(reader or Reader(local_references()), on_trajectory, on_reading)
    for folder in find_stores(stores):
        store = Store.open(folder)
        collection.result.campaigns.append(store.campaign)
        campaign = fingerprint(store.campaign)
        for cell in store.campaign.spec.cells():
            collection.add(store, cell, identify(campaign, cell))
    return collection.result


def fingerprint(campaign: Campaign) -> str:
    """What tells a campaign from others, wherever its store is."""
    return hashlib.sha256(campaign.model_dump_json().encode()).hexdigest()


def identify(campaign: str, cell: Cell) -> str:
    """The identifier of a trajectory, from the fingerprint of its campaign."""
    return hashlib.sha256(f"{campaign} {cell.model_dump_json()}".encode()).hexdigest()[:16]


@dataclass(slots=True)
class _Collection:
    reader: Reader
    on_trajectory: OnTrajectory
    on_reading: OnReading
    result: Collected = field(default_factory=Collected)
    seen: set[str] = field(default_factory=set)

    def add(self, store: Store, cell: Cell, identifier: str) -> None:
        campaign, notes = store.campaign, self.result.notes
        if identifier in self.seen:
            notes.append(f"{cell} of campaign {campaign.spec.name} was given twice and counts once")
            return
        self.seen.add(identifier)
        reading, damaged = None, None
        try:
            reading = self.reader.read(store, cell, identifier, self.on_trajectory)
        except InputError as error:
            damage = str(error).removeprefix(f"{store.folder}/")
            damaged = unread(identifier, cell, damage)
            notes.append(f"{cell}: {damage}")
        version = self._version(campaign, cell, reading)
        entry = _entry(version, campaign, cell, reading)
        facts: Facts | None = reading.facts if reading else damaged
        if facts is None:
            entry.waiting += 1
        else:
            entry.facts.append(facts)
        if reading is not None:
            if reading.note:
                notes.append(f"{cell}: {reading.note}")
            self.result.rescored[cell.problem] += reading.rescored
            self.on_reading(reading, version)

    def _version(self, campaign: Campaign, cell: Cell, reading: Reading | None) -> Version:
        """The version of a trajectory: its digest, and expert values that do not contradict its own."""
        manifest = campaign.manifest
        digest = reading.digest if reading else manifest.problems.get(cell.problem, "")
        experts = reading.experts if reading else {}
        versions, part = self.result.versions, 0
        while (found := versions.get((cell.problem, digest, part))) is not None and not found.agrees(experts):
            part += 1
        version = versions.setdefault((cell.problem, digest, part), Version(cell.problem, digest, part))
        version.experts.update(experts)
        version.newest = max(version.newest, manifest.created_at)
        if digest == manifest.problems.get(cell.problem):
            version.instances.update(manifest.eval_instances.get(cell.problem, ()))
        return version


def _entry(version: Version, campaign: Campaign, cell: Cell, reading: Reading | None) -> Entry:
    spec, manifest = campaign.spec, campaign.manifest
    strategy = spec.strategy(cell.strategy)
    setting = Setting.of(
        cell.model,
        cell.strategy,
        official=reading.official if reading else bool(manifest.sandbox.get("official")),
        is_script=reading.is_script if reading else cell.model.startswith(("scripted/", "replay/")),
        details={
            "iterations": spec.iterations,
            "temperature": spec.temperature,
            "max_output_tokens": spec.max_output_tokens,
            "strategy": {"name": strategy.name, **strategy.options},
            "guest": {
                "python": ".".join(str(manifest.sandbox.get("python")).split(".")[:2]),
                **dict(manifest.sandbox.get("packages") or {}),
            },
        },
    )
    return version.entries.setdefault(setting, Entry(setting, spec.iterations))
