"""Reads stores, one trajectory at a time, into what a board keeps of them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from heurigym.agents.trajectory import Attempt, Cell, Status, Trajectory, select
from heurigym.board.records import Curve, Entry, Facts, Runs, Setting, Spending, StageTable, Version
from heurigym.campaigns.store import Campaign, Store
from heurigym.errors import InputError

OnTrajectory = Callable[[str, Trajectory, "Version"], None]
"""Called with each trajectory's identifier, the trajectory, and the version of its problem."""


@dataclass(slots=True)
class Collected:
    """What several stores hold.

    Attributes:
        campaigns: the campaigns, in the order of the stores.
        versions: problem versions by name and digest.
        notes: what a reader should know: damaged files, trajectories met twice, selections that do not hold.
    """

    campaigns: list[Campaign] = field(default_factory=list)
    versions: dict[tuple[str, str], Version] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def collect(stores: Sequence[Path], on_trajectory: OnTrajectory | None = None) -> Collected:
    """What ``stores`` hold; texts are dropped as soon as a trajectory has been read.

    A damaged trajectory is noted and counted as failed, so that one file does not hide the others.

    Raises:
        InputError: a folder is not a store, or a newer version of HeuriGym wrote it.
    """
    result = Collected()
    seen: set[str] = set()
    for folder in stores:
        store = Store.open(folder)
        result.campaigns.append(store.campaign)
        campaign = fingerprint(store.campaign)
        for cell in store.campaign.spec.cells():
            _collect_cell(store, cell, identify(campaign, cell), result, seen, on_trajectory)
    return result


def fingerprint(campaign: Campaign) -> str:
    """What tells a campaign from others, wherever its store is."""
    return hashlib.sha256(campaign.model_dump_json().encode()).hexdigest()


def identify(campaign: str, cell: Cell) -> str:
    """The identifier of a trajectory, from the fingerprint of its campaign."""
    return hashlib.sha256(f"{campaign} {cell.model_dump_json()}".encode()).hexdigest()[:16]


def _collect_cell(
    store: Store,
    cell: Cell,
    identifier: str,
    result: Collected,
    seen: set[str],
    on_trajectory: OnTrajectory | None,
) -> None:
    campaign = store.campaign
    if identifier in seen:
        result.notes.append(f"{cell} of campaign {campaign.spec.name} was given twice and counts once")
        return
    seen.add(identifier)
    damage = None
    try:
        trajectory = store.load(cell)
    except InputError as error:
        trajectory, damage = None, str(error).removeprefix(f"{store.folder}/")
        result.notes.append(f"{cell}: {damage}")
    digest = trajectory.problem_digest if trajectory else campaign.manifest.problems.get(cell.problem, "")
    version = result.versions.setdefault((cell.problem, digest), Version(cell.problem, digest))
    version.newest = max(version.newest, campaign.manifest.created_at)
    if digest == campaign.manifest.problems.get(cell.problem):
        version.instances.update(campaign.manifest.eval_instances.get(cell.problem, ()))
    entry = _entry(version, campaign, cell, trajectory)
    if damage is not None:
        entry.facts.append(_unread(identifier, cell, damage))
    elif trajectory is None:
        entry.waiting += 1
    else:
        if trajectory.status is Status.FINISHED and trajectory.selected != select(trajectory.attempts):
            result.notes.append(f"{cell}: the selected program is not the best by demo score; verify this entry")
        entry.facts.append(read(identifier, trajectory))
        if on_trajectory is not None:
            on_trajectory(identifier, trajectory, version)


def _entry(version: Version, campaign: Campaign, cell: Cell, trajectory: Trajectory | None) -> Entry:
    spec, manifest = campaign.spec, campaign.manifest
    strategy = spec.strategy(cell.strategy)
    setting = Setting.of(
        cell.model,
        cell.strategy,
        official=trajectory.official if trajectory else bool(manifest.sandbox.get("official")),
        is_script=trajectory.is_script if trajectory else cell.model.startswith(("scripted/", "replay/")),
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


def read(identifier: str, trajectory: Trajectory) -> Facts:
    """What a board keeps of ``trajectory``."""
    attempts = trajectory.attempts
    chosen = next((each for each in attempts if each.number == trajectory.selected), None)
    state, note = _state(trajectory, chosen)
    scored = state == "scored"
    runs = Runs.of(chosen.eval) if scored and chosen and chosen.program is not None and chosen.eval else None
    curve = _curve(attempts)
    judged = all(each.program is None or each.eval is not None for each in attempts)
    return Facts(
        id=identifier,
        sample=trajectory.cell.sample,
        state=state,
        note=note,
        attempts=len(attempts),
        selected=trajectory.selected,
        runs=runs,
        stages=StageTable.of([each.eval if each.program is not None else None for each in attempts])
        if judged
        else None,
        oracle=curve.oracle[-1] if scored and curve.oracle else None,
        curve=curve,
        spending=_spending(trajectory),
    )


def _state(trajectory: Trajectory, chosen: Attempt | None) -> tuple[str, str]:
    """How far a trajectory is, and why it is not scored.

    A finished trajectory without any program is scored: the model had its attempts and delivered nothing.
    """
    if trajectory.status is Status.RUNNING:
        return "running", "still running"
    if trajectory.status is Status.FAILED:
        return "failed", trajectory.error or "failed"
    if all(attempt.program is None for attempt in trajectory.attempts):
        return "scored", "no attempt delivered a program"
    if chosen is None:
        return "unjudged", "no program was judged on the demo split"
    if chosen.program is not None and chosen.eval is None:
        return "unjudged", "the selected program was not judged on the eval split"
    return "scored", ""


def _eval_qyi(attempt: Attempt) -> float | None:
    if attempt.program is None:
        return 0.0
    return None if attempt.eval is None else attempt.eval.summary.qyi


def _curve(attempts: Sequence[Attempt]) -> Curve:
    demo: list[float | None] = []
    selected: list[float | None] = []
    oracle: list[float | None] = []
    chosen: Attempt | None = None
    best: float | None = 0.0
    for attempt in attempts:
        if attempt.demo is not None and (chosen is None or attempt.merit > chosen.merit):
            chosen = attempt
        value = _eval_qyi(attempt)
        best = None if best is None or value is None else max(best, value)
        demo.append(0.0 if chosen is None or chosen.demo is None else chosen.demo.summary.qyi)
        selected.append(0.0 if chosen is None else _eval_qyi(chosen))
        oracle.append(best)
    return Curve(tuple(demo), tuple(selected), tuple(oracle))


def _spending(trajectory: Trajectory) -> Spending:
    replies = [attempt.reply for attempt in trajectory.attempts if attempt.reply is not None]
    runs = [
        run
        for attempt in trajectory.attempts
        for judging in (attempt.demo, attempt.eval)
        if judging is not None
        for run in judging.runs
    ]
    return Spending(
        cost_usd=float(trajectory.cost_usd),
        priced=all(reply.cost_usd is not None for reply in replies),
        calls=len(replies),
        input_tokens=sum(reply.usage.input_tokens for reply in replies),
        output_tokens=sum(reply.usage.output_tokens for reply in replies),
        model_s=sum(reply.latency_s for reply in replies),
        wall_s=sum(run.wall_s for run in runs),
        cpu_s=sum(run.cpu_s for run in runs),
    )


def _unread(identifier: str, cell: Cell, damage: str) -> Facts:
    nothing = Spending(0.0, False, 0, 0, 0, 0.0, 0.0, 0.0)
    return Facts(identifier, cell.sample, "failed", damage, 0, None, None, None, None, Curve((), (), ()), nothing)
