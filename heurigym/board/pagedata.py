"""What the page loads: the board at once, instances of a problem and trajectories when somebody opens them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurigym.board.records import OUTCOMES, Entry, Facts, Version
from heurigym.board.scores import Scores, TableRow
from heurigym.scoring.samples import Table

_POINTS = 40
"""A curve has at most about this many points; longer ones are thinned evenly on a logarithmic scale."""


def board_data(scores: Scores, content: Mapping[str, Any]) -> dict[str, Any]:
    """What the first view needs; rows as arrays, since names repeated a thousand times are most of a file."""
    return {
        **{
            name: content[name]
            for name in ("confidence", "resamples", "notes", "campaigns", "columns", "comparisons")
        },
        "overall": _compact(content["overall"]),
        "results": _compact(content["results"]),
        "curves": [_curve(entry) for version, _ in scores.tables for entry in version.entries.values()],
        "problems": [
            {
                "id": f"problem-{number}",
                "problem": version.problem,
                "digest": version.label,
                "current": version.label == scores.current[version.problem],
                "instances": len(table.instances),
            }
            for number, (version, table) in enumerate(scores.tables)
        ],
    }


def problem_data(version: Version, table: Table, scores: Scores) -> dict[str, Any]:
    """One problem's instances, and every trajectory's selected program on them."""
    place = {name: index for index, name in enumerate(table.instances)}
    return {
        "problem": version.problem,
        "digest": version.label,
        "outcomes": [str(outcome) for outcome in OUTCOMES],
        "instances": list(table.instances),
        "baselines": _baselines(version, place),
        "entries": [
            {
                "model": setting.model,
                "strategy": setting.strategy,
                "variant": scores.labels[setting],
                "is_script": setting.is_script,
                "official": setting.official,
                "trajectories": [_trajectory(facts, place) for facts in entry.facts],
            }
            for setting, entry in version.entries.items()
        ],
    }


def _compact(rows: Sequence[TableRow]) -> dict[str, Any]:
    names = list(rows[0]) if rows else []
    return {"names": names, "rows": [[row[name] for name in names] for row in rows]}


def _baselines(version: Version, place: Mapping[str, int]) -> list[float | None]:
    values: list[float | None] = [None] * len(place)
    for entry in version.entries.values():
        for facts in entry.facts:
            if facts.runs is not None:
                for name, value in zip(facts.runs.names, facts.runs.baseline, strict=True):
                    if not np.isnan(value):
                        values[place[name]] = float(value)
    return values


def _trajectory(facts: Facts, place: Mapping[str, int]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": facts.id,
        "sample": facts.sample,
        "state": facts.state,
        "note": facts.note,
        "attempts": facts.attempts,
        "selected": facts.selected,
        "cost_usd": round(facts.spending.cost_usd, 6) if facts.spending.priced else None,
        "demo": _round(facts.curve.demo[-1] if facts.curve.demo else None),
        "eval": _round(facts.curve.selected[-1] if facts.curve.selected else None),
    }
    if facts.runs is not None:
        runs = facts.runs
        order = [place[name] for name in runs.names]
        made |= {
            "outcome": _spread(runs.outcome, order, len(place)),
            "objective": _spread(runs.objective, order, len(place)),
            "quality": _spread(runs.quality_uncapped, order, len(place)),
            "wall_s": _spread(runs.wall_s, order, len(place)),
        }
    return made


def _spread(values: NDArray[Any], order: Sequence[int], size: int) -> list[float | int | None]:
    result: list[float | int | None] = [None] * size
    for index, value in zip(order, values.tolist(), strict=True):
        result[index] = value if isinstance(value, int) else _round(value)
    return result


def _curve(entry: Entry) -> dict[str, list[float | None] | list[int]]:
    """Means over scored trajectories after each attempt; one that stopped early keeps its last score."""
    scored = [facts for facts in entry.facts if facts.state == "scored"]
    at = list(_thinned(entry.iterations)) if scored else []
    return {"at": at} | {
        name: [_mean_at([getattr(facts.curve, name) for facts in scored], count) for count in at]
        for name in ("demo", "selected", "oracle")
    }


def _thinned(count: int) -> Iterator[int]:
    if count <= _POINTS:
        yield from range(1, count + 1)
    else:
        yield from sorted({round(float(value)) for value in np.geomspace(1, count, _POINTS)})


def _mean_at(curves: Sequence[Sequence[float | None]], count: int) -> float | None:
    values = [curve[min(count, len(curve)) - 1] if curve else 0.0 for curve in curves]
    known = [value for value in values if value is not None]
    return _round(float(np.mean(known))) if known and len(known) == len(values) else None


def _round(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(f"{value:.6g}")
