"""Builds a leaderboard: tables as CSV and JSON, and a page that opens from disk and from any static host."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from heurigym.board.collect import Collected, collect, find_stores
from heurigym.board.columns import ATTEMPTS, INSTANCES, OVERALL, RESULTS, Column, names
from heurigym.board.page import write_page
from heurigym.board.published import read_published
from heurigym.board.reading import Reader, Reading
from heurigym.board.records import OUTCOMES, Version
from heurigym.board.scores import Scores, TableRow, score
from heurigym.board.trajectories import trajectory_file, write_trajectory
from heurigym.board.writing import Site
from heurigym.campaigns.store import Store
from heurigym.scoring.bootstrap import CONFIDENCE, RESAMPLES

SCHEMA_VERSION = 1
"""Version of the format of ``results.json``."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was built.

    Attributes:
        site: the folder of the board.
        page: the page to open.
        rows: rows of ``results.csv``.
        trajectories: trajectories that were read.
        scored: those of them that are scored.
        notes: what a reader should know: damaged files, problem versions that are shown apart, and the like.
        overall: the overall table, best first, as in ``overall.csv``.
    """

    site: Path
    page: Path
    rows: int
    trajectories: int
    scored: int
    notes: tuple[str, ...]
    overall: tuple[TableRow, ...] = field(repr=False)


def build(
    stores: Sequence[Path],
    site: Path,
    *,
    resamples: int = RESAMPLES,
    published: Sequence[Path] = (),
    live: bool = False,
    reader: Reader | None = None,
) -> BuildReport:
    """Build the board of ``stores`` in the folder ``site``, which is made or brought up to date.

    ``results.csv`` has a row for each problem, model and strategy, ``overall.csv`` one for each model and
    strategy, ``instances.csv`` one for each execution of a selected program on the eval split and
    ``attempts.csv`` one for each attempt; ``results.json`` holds the first two with everything else the page
    shows. Trajectories are read one at a time. Scores are by the expert values of the problems known here, whatever
    they were when a campaign ran.

    Args:
        stores: folders of campaigns, or of several of them; they may be running, partial or empty.
        site: where to write.
        resamples: bootstrap resamples behind each interval.
        published: result files of the public HeuriGym to show beside, as published and not verified.
        live: whether the page looks for a newer build of itself from time to time.
        reader: what reads trajectories; one that remembers, given to every build of the same site, reads again only
            what changed since.

    Raises:
        InputError: a folder is not a store, a published file does not fit, or ``site`` cannot be written or holds
            something else.
    """
    for folder in find_stores(stores):
        Store.open(folder)  # so that nothing is written where there is nothing to build from
    output = Site.open(site)
    with output.table("attempts.csv", ATTEMPTS) as attempts:

        def keep(reading: Reading, version: Version) -> None:
            output.keep(trajectory_file(reading.facts.id))
            for row in reading.attempts:
                attempts.writerow(dict(zip(names(ATTEMPTS), row, strict=True)) | {"digest": version.label})

        collected = collect(
            stores,
            reader=reader,
            on_trajectory=lambda identifier, trajectory: write_trajectory(output, identifier, trajectory),
            on_reading=keep,
        )
    scores = score(collected, resamples)
    notes = (*collected.notes, *_version_notes(collected, scores))
    with output.table("results.csv", RESULTS) as table:
        table.writerows(scores.results)
    with output.table("overall.csv", OVERALL) as table:
        table.writerows(scores.overall)
    with output.table("instances.csv", INSTANCES) as table:
        table.writerows(instance_rows(scores))
    content = _results_json(collected, scores, notes, resamples)
    content["published"] = [row.model_dump(by_alias=True) for row in read_published(published)]
    output.text("results.json", json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False))
    write_page(output, scores, content, live=live)
    output.finish()
    facts = [
        each
        for version in collected.versions.values()
        for entry in version.entries.values()
        for each in entry.facts
    ]
    return BuildReport(
        site=site,
        page=site / "index.html",
        rows=len(scores.results),
        trajectories=len(facts),
        scored=sum(each.state == "scored" for each in facts),
        notes=notes,
        overall=tuple(scores.overall),
    )


def instance_rows(scores: Scores) -> Iterator[TableRow]:
    """The rows of ``instances.csv``: every execution of a selected program on the eval split."""
    for version, _ in scores.tables:
        for setting, entry in version.entries.items():
            who = {
                "problem": version.problem,
                "digest": version.label,
                "model": setting.model,
                "strategy": setting.strategy,
                "variant": scores.labels[setting],
            }
            for facts in entry.facts:
                if facts.runs is None:
                    continue
                runs = facts.runs
                for index, name in enumerate(runs.names):
                    yield {
                        **who,
                        "sample": facts.sample,
                        "trajectory": facts.id,
                        "instance": name,
                        "outcome": str(OUTCOMES[runs.outcome[index]]),
                        "objective": _number(runs.objective[index]),
                        "baseline": _number(runs.baseline[index]),
                        "quality": _number(runs.quality[index]),
                        "quality_uncapped": _number(runs.quality_uncapped[index]),
                        "wall_s": round(float(runs.wall_s[index]), 4),
                        "cpu_s": round(float(runs.cpu_s[index]), 4),
                    }


def _version_notes(collected: Collected, scores: Scores) -> Iterator[str]:
    for problem, count in sorted(collected.rescored.items()):
        if count:
            yield (
                f"{problem}: {count} trajectories ran when expert values were others; their scores here follow "
                "from their objectives and the expert values of today"
            )
    by_problem: dict[str, list[Version]] = {}
    for version in collected.versions.values():
        by_problem.setdefault(version.problem, []).append(version)
    for problem, versions in sorted(by_problem.items()):
        if len(versions) > 1:
            current = scores.current[problem]
            others = ", ".join(sorted(each.label or "unknown" for each in versions if each.label != current))
            what = (
                "statement, verifier, limits or instances"
                if len({each.digest for each in versions}) > 1
                else "expert values, which are not known here,"
            )
            yield (
                f"{problem} was run in {len(versions)} versions whose {what} differ; they are not comparable. "
                f"Overall means are taken over version {current or 'unknown'}, that of the newest campaign; "
                f"{others} is shown apart"
            )


def _results_json(collected: Collected, scores: Scores, notes: Sequence[str], resamples: int) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "confidence": CONFIDENCE,
        "resamples": resamples,
        "notes": list(notes),
        "campaigns": [
            {
                "name": campaign.spec.name,
                "created_at": campaign.manifest.created_at,
                "heurigym": campaign.manifest.heurigym,
                "machine": campaign.manifest.machine,
                "cores": campaign.manifest.cores,
                "sandbox": campaign.manifest.sandbox.get("name"),
                "sandbox_flags": campaign.manifest.sandbox.get("flags") or [],
                "official": bool(campaign.manifest.sandbox.get("official")),
            }
            for campaign in collected.campaigns
        ],
        "columns": {"results": _meanings(RESULTS), "overall": _meanings(OVERALL)},
        "results": [_rounded(row) for row in scores.results],
        "overall": [_rounded(row) for row in scores.overall],
        "comparisons": {
            "rows": [list(key) for key in scores.compared],
            "weighted_qyi": _pairs(scores.comparisons),
            "unweighted_qyi": _pairs(scores.comparisons_unweighted),
        },
    }


def _pairs(comparisons: Iterable[Sequence[Any]]) -> list[list[list[float] | None]]:
    """Rows x rows of difference, low, high, superiority."""
    return [
        [
            None
            if pair is None
            else [round(value, 5) for value in (pair.difference, pair.low, pair.high, pair.superiority)]
            for pair in row
        ]
        for row in comparisons
    ]


def _meanings(columns: Sequence[Column]) -> dict[str, str]:
    return {column.name: column.meaning for column in columns}


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}


def _number(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
