"""From what a board keeps of trajectories to the arrays that statistics are computed from."""

import json
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from heurigym.board.records import OUTCOMES, Entry, Facts, Runs, Setting, StageTable, Version
from heurigym.problems.outcome import Outcome
from heurigym.scoring.samples import UNSCORED_STAGE, Floats, Row, Sample, Stages, Table

_FEASIBLE = OUTCOMES.index(Outcome.FEASIBLE)
_HARNESS_ERROR = OUTCOMES.index(Outcome.HARNESS_ERROR)


def instance_names(version: Version) -> tuple[str, ...]:
    """The eval instances of a problem version: those that campaigns recorded, and all that were judged on."""
    names = dict.fromkeys(version.instances)
    for entry in version.entries.values():
        for facts in entry.facts:
            if facts.runs is not None:
                names.update(dict.fromkeys(facts.runs.names))
            elif facts.stages is not None:
                names.update(dict.fromkeys(facts.stages.names))
    return tuple(sorted(names))


def make_table(version: Version, names: Sequence[str], labels: dict[Setting, str]) -> Table:
    """The samples of every entry of ``version`` on its instances."""
    place = {name: index for index, name in enumerate(names)}
    rows = [
        Row(
            f"{setting.model} / {setting.strategy} / {labels[setting]}",
            tuple(_sample(facts, place, entry.iterations) for facts in entry.facts if facts.state == "scored"),
            entry.iterations,
        )
        for setting, entry in version.entries.items()
    ]
    return Table(f"{version.problem}@{version.label}", names, rows if names else [])


def _sample(facts: Facts, place: dict[str, int], iterations: int) -> Sample:
    if facts.runs is None:
        return Sample.nothing(len(place), iterations)
    runs = facts.runs
    where = np.array([place[name] for name in runs.names], dtype=np.int64)
    # An instance without a run was not judged: the harness owes it, so it counts for nothing.
    outcome = np.full(len(place), _HARNESS_ERROR, dtype=np.int8)
    outcome[where] = runs.outcome
    return Sample(
        scored=outcome != _HARNESS_ERROR,
        feasible=outcome == _FEASIBLE,
        quality=_spread(runs.quality, where, len(place)),
        quality_uncapped=_spread(runs.quality_uncapped, where, len(place)),
        stages=None if facts.stages is None else _stages(facts.stages, place, iterations),
        oracle=facts.oracle,
    )


def _spread(values: Floats, where: NDArray[np.int64], size: int) -> Floats:
    result = np.full(size, np.nan)
    result[where] = values
    return result


def _stages(table: StageTable, place: dict[str, int], iterations: int) -> Stages:
    """Stages on all instances; attempts that a trajectory did not use passed nothing."""
    used = len(table.stages)
    result = np.zeros((max(iterations, used), len(place)), dtype=np.int8)
    unjudged = np.array([index for name, index in place.items() if name not in table.names], dtype=np.int64)
    result[:used, [place[name] for name in table.names]] = table.stages
    result[np.ix_(np.flatnonzero((table.stages != 0).any(axis=1)), unjudged)] = UNSCORED_STAGE
    return result


def beats_expert(runs: Iterable[Runs | None]) -> float | None:
    """Share of scored instances with an uncapped quality above 1, averaged over trajectories."""
    shares = []
    for each in runs:
        if each is None:
            shares.append(0.0)
            continue
        scored = int((each.outcome != _HARNESS_ERROR).sum())
        shares.append(float((each.quality_uncapped > 1).sum()) / scored if scored else 0.0)
    return float(np.mean(shares)) if shares else None


def geometric_quality(runs: Iterable[Runs | None]) -> float | None:
    """Geometric mean of capped quality over feasible instances, averaged over trajectories.

    It is what the public HeuriGym's code computes where its paper defines the arithmetic mean. A quality of 0
    makes it 0.
    """
    means = []
    for each in runs:
        values = np.array([]) if each is None else each.quality[each.outcome == _FEASIBLE]
        if np.isnan(values).any():
            return None
        with np.errstate(divide="ignore"):
            means.append(float(np.exp(np.log(values).mean())) if values.size else 0.0)
    return float(np.mean(means)) if means else None


def unscored_runs(entry: Entry) -> int:
    """Executions of selected programs in which the harness failed."""
    return sum(int((facts.runs.outcome == _HARNESS_ERROR).sum()) for facts in entry.facts if facts.runs is not None)


def label_settings(settings: Iterable[Setting]) -> dict[Setting, str]:
    """A label for each setting: empty for the only one of a model and strategy, else what sets it apart."""
    groups: dict[tuple[str, str], list[Setting]] = {}
    for setting in settings:
        group = groups.setdefault((setting.model, setting.strategy), [])
        if setting not in group:
            group.append(setting)
    labels: dict[Setting, str] = {}
    for group in groups.values():
        varying = sorted({name for setting in group for name in _differing(setting, group)})
        for setting in group:
            labels[setting] = ", ".join(f"{name} {_shown(setting, name)}" for name in varying)
    return labels


def _facts_of(setting: Setting) -> dict[str, str]:
    return {
        "official": json.dumps(setting.official),
        "script": json.dumps(setting.is_script),
        **dict(setting.details),
    }


def _differing(setting: Setting, group: Sequence[Setting]) -> set[str]:
    mine = _facts_of(setting)
    return {
        name
        for other in group
        for name in mine.keys() | _facts_of(other).keys()
        if mine.get(name) != _facts_of(other).get(name)
    }


def _shown(setting: Setting, name: str) -> str:
    text = _facts_of(setting).get(name, "unset")
    return text if len(text) <= 80 else f"{text[:77]}..."
