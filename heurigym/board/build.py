"""Builds a leaderboard: tables as CSV and JSON, and a page that opens from disk and from any static host."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from heurigym.agents.trajectory import Attempt, Trajectory
from heurigym.board.collect import Collected, collect
from heurigym.board.columns import ATTEMPTS, INSTANCES, OVERALL, RESULTS, Column
from heurigym.board.page import write_page
from heurigym.board.published import read_published
from heurigym.board.records import OUTCOMES, Version
from heurigym.board.scores import Scores, TableRow, score
from heurigym.board.trajectories import TrajectoryWriter
from heurigym.board.writing import Site
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
) -> BuildReport:
    """Build the board of ``stores`` in the folder ``site``, which is made or brought up to date.

    ``results.csv`` has a row for each problem, model and strategy, ``overall.csv`` one for each model and
    strategy, ``instances.csv`` one for each execution of a selected program on the eval split and
    ``attempts.csv`` one for each attempt; ``results.json`` holds the first two with everything else the page
    shows. Trajectories are read one at a time.

    Args:
        stores: folders of campaigns; they may be running, partial or empty.
        site: where to write.
        resamples: bootstrap resamples behind each interval.
        published: result files of the public HeuriGym to show beside, as published and not verified.
        live: whether the page looks for a newer build of itself from time to time.

    Raises:
        InputError: a folder is not a store, a published file does not fit, or ``site`` cannot be written or holds
            something else.
    """
    output = Site.open(site)
    with ExitStack() as stack:
        attempts = stack.enter_context(output.table("attempts.csv", ATTEMPTS))
        trajectories = TrajectoryWriter(output)

        def keep(identifier: str, trajectory: Trajectory, version: Version) -> None:
            for attempt in trajectory.attempts:
                attempts.writerow(_attempt_row(identifier, trajectory, attempt))
            trajectories.write(identifier, trajectory, version)

        collected = collect(stores, keep)
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
                "digest": version.digest[:12],
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


def _attempt_row(identifier: str, trajectory: Trajectory, attempt: Attempt) -> TableRow:
    reply = attempt.reply
    demo = attempt.demo.summary if attempt.demo else None
    evaluated = attempt.eval.summary if attempt.eval else None
    return {
        "problem": trajectory.cell.problem,
        "digest": trajectory.problem_digest[:12],
        "model": trajectory.cell.model,
        "strategy": trajectory.cell.strategy,
        "sample": trajectory.cell.sample,
        "trajectory": identifier,
        "attempt": attempt.number,
        "selected": attempt.number == trajectory.selected,
        "program_sha256": attempt.program_sha256,
        "finish": reply.finish.value if reply else None,
        "demo_yield": demo.yield_ if demo else None,
        "demo_qyi": demo.qyi if demo else None,
        "eval_yield": evaluated.yield_ if evaluated else None,
        "eval_quality": evaluated.quality if evaluated else None,
        "eval_qyi": evaluated.qyi if evaluated else None,
        "input_tokens": reply.usage.input_tokens if reply else None,
        "output_tokens": reply.usage.output_tokens if reply else None,
        "cost_usd": reply.cost_usd if reply else None,
        "latency_s": reply.latency_s if reply else None,
        "started_at": attempt.started_at,
    }


def _version_notes(collected: Collected, scores: Scores) -> Iterator[str]:
    by_problem: dict[str, list[str]] = {}
    for version in collected.versions.values():
        by_problem.setdefault(version.problem, []).append(version.digest[:12] or "unknown")
    for problem, digests in sorted(by_problem.items()):
        if len(digests) > 1:
            current = scores.current[problem][:12]
            others = ", ".join(sorted(digest for digest in digests if digest != current))
            yield (
                f"{problem} was run in {len(digests)} versions whose statement, verifier, baselines, limits or "
                f"instances differ; they are not comparable. Overall means are taken over version {current}, that "
                f"of the newest campaign; {others} is shown apart"
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
