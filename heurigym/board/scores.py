"""Scores every row of a board, with intervals, ranks and comparisons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heurigym.board.arrays import (
    beats_expert,
    geometric_quality,
    instance_names,
    label_settings,
    make_table,
    unscored_runs,
)
from heurigym.board.collect import Collected
from heurigym.board.columns import OVERALL, RESULTS, Column
from heurigym.board.records import Entry, Setting, Version
from heurigym.scoring.bootstrap import METRICS, RESAMPLES, estimate, intervals, overall, replicates
from heurigym.scoring.ranking import Comparison, compare_all, rank_all
from heurigym.scoring.samples import AnyFloats, Floats, Row, Table
from heurigym.scoring.solve import BUDGETS, STAGES, solve_at

TableRow = dict[str, Any]
"""A row of a published table: a value for each column, ``None`` where there is none."""

_STATES = ("running", "failed", "unjudged")
_SPENT = ("tokens", "output_tokens", "calls", "model_s", "wall_s", "cpu_s")
_SOLVE = {f"solve_{name}@{budget}": (stage, budget) for name, stage in STAGES.items() for budget in BUDGETS}
_QYI = METRICS.index("qyi")


@dataclass(slots=True)
class Scores:
    """A scored board.

    Attributes:
        results: one row for each problem version, model, strategy and variant.
        overall: one row for each model, strategy and variant, best first.
        labels: what sets settings of the same model and strategy apart.
        tables: problem versions as arrays, current ones first.
        current: label of the version of each problem that overall means are taken over.
        compared: names of the complete rows, in the order of ``comparisons``.
        comparisons: paired comparisons of weighted QYI, every complete row against every other.
        comparisons_unweighted: the same for unweighted QYI.
    """

    results: list[TableRow] = field(default_factory=list)
    overall: list[TableRow] = field(default_factory=list)
    labels: dict[Setting, str] = field(default_factory=dict)
    tables: list[tuple[Version, Table]] = field(default_factory=list)
    current: dict[str, str] = field(default_factory=dict)
    compared: list[tuple[str, str, str]] = field(default_factory=list)
    comparisons: list[list[Comparison | None]] = field(default_factory=list)
    comparisons_unweighted: list[list[Comparison | None]] = field(default_factory=list)


def score(collected: Collected, resamples: int = RESAMPLES, seed: int = 0) -> Scores:
    """Score everything in ``collected``.

    Overall means run over one version of each problem: the one that the newest campaign ran. Other versions have
    results of their own and take no part in overall means.
    """
    result = Scores()
    result.labels = label_settings(
        setting for version in collected.versions.values() for setting in version.entries
    )
    newest: dict[str, Version] = {}
    for version in collected.versions.values():
        best = newest.get(version.problem)
        if best is None or (version.newest, version.label) > (best.newest, best.label):
            newest[version.problem] = version
    result.current = {name: version.label for name, version in newest.items()}
    versions = sorted(
        collected.versions.values(),
        key=lambda each: (each.label != result.current[each.problem], each.problem, each.label),
    )
    result.tables = [(version, make_table(version, instance_names(version), result.labels)) for version in versions]

    def scored() -> Iterator[tuple[Table, AnyFloats]]:
        for version, table in result.tables:
            replicated = replicates(table, resamples, seed)
            result.results.extend(_result_rows(version, table, replicated, result))
            if version.label == result.current[version.problem]:
                yield table, replicated

    _score_overall(result, scored(), resamples)
    return result


def _result_rows(version: Version, table: Table, replicated: AnyFloats, scores: Scores) -> Iterator[TableRow]:
    rows = table.rows or [Row("", ())] * len(version.entries)
    for index, ((setting, entry), row) in enumerate(zip(version.entries.items(), rows, strict=True)):
        made = _blank(RESULTS)
        made |= {
            "problem": version.problem,
            "digest": version.label,
            "current": version.label == scores.current[version.problem],
            "instances": len(table.instances),
            "attempts": entry.iterations,
            **_who(setting, scores.labels[setting]),
            **_counts([entry]),
            **_spending(entry),
        }
        if row.samples:
            made |= _metrics("", intervals(estimate(row), replicated[:, index]))
            runs = [facts.runs for facts in entry.facts if facts.state == "scored"]
            made["beats_expert"] = beats_expert(runs)
            made["quality_geometric"] = geometric_quality(runs)
            made["oracle"] = _mean([sample.oracle for sample in row.samples])
            made |= {name: solve_at(row, stage, budget) for name, (stage, budget) in _SOLVE.items()}
        yield made


def _score_overall(scores: Scores, tables: Iterable[tuple[Table, AnyFloats]], resamples: int) -> None:
    means = overall(iter(tables), resamples)
    problems = len(scores.current)
    place = {name: index for index, name in enumerate(means.rows)}
    groups: dict[tuple[str, str, str], list[tuple[Setting, Entry, TableRow]]] = {}
    entries = [(setting, entry) for version, _ in scores.tables for setting, entry in version.entries.items()]
    for (setting, entry), row in zip(entries, scores.results, strict=True):
        if row["current"]:
            groups.setdefault(_key(row), []).append((setting, entry, row))
    complete: list[tuple[int, TableRow]] = []
    for key, members in groups.items():
        made = _blank(OVERALL)
        scored = [row for _, _, row in members if row["samples"]]
        made |= {
            **_who(members[0][0], key[2]),
            **_counts([entry for _, entry, _ in members]),
            **_summed(scored),
            "spent_usd": sum(row["spent_usd"] for _, _, row in members),
            "problems": len(scored),
            "complete": len(scored) == problems,
            "instances": sum(row["instances"] for row in scored),
        }
        index = place.get(" / ".join(key))
        if index is not None:
            for prefix, values, drawn in (
                ("weighted_", means.weighted, means.weighted_replicates),
                ("unweighted_", means.unweighted, means.unweighted_replicates),
            ):
                made |= _metrics(prefix, intervals(values[:, index], drawn[:, index]))
                for name in ("beats_expert", "quality_geometric", "oracle", *_SOLVE):
                    made[prefix + name] = _over_problems(scored, name, weighted=prefix == "weighted_")
            if made["complete"] and made["weighted_qyi"] is not None:
                complete.append((index, made))
        scores.overall.append(made)
    if complete:
        _rank(scores, means.weighted, means.weighted_replicates, complete)
        scores.comparisons_unweighted = _compared(means.unweighted, means.unweighted_replicates, complete)
    scores.overall.sort(
        key=lambda row: (not row["complete"], -_or(row["weighted_qyi"], -1.0), row["model"], row["strategy"])
    )


def _rank(scores: Scores, values: Floats, drawn: AnyFloats, complete: Sequence[tuple[int, TableRow]]) -> None:
    indices = [index for index, _ in complete]
    scores.compared = [_key(row) for _, row in complete]
    scores.comparisons = _compared(values, drawn, complete)
    for (_, row), rank in zip(
        complete, rank_all(values[_QYI, indices], drawn[_QYI, indices], scores.comparisons), strict=True
    ):
        row |= {
            "rank": rank.rank,
            "rank_low": rank.low,
            "rank_high": rank.high,
            "tied": rank.unresolved,
            "wide": rank.wide,
        }


def _compared(
    values: Floats, drawn: AnyFloats, complete: Sequence[tuple[int, TableRow]]
) -> list[list[Comparison | None]]:
    indices = [index for index, _ in complete]
    return compare_all(values[_QYI, indices], drawn[_QYI, indices])


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["model"], row["strategy"], row["variant"]


def _blank(columns: Sequence[Column]) -> TableRow:
    return {column.name: None for column in columns}


def _who(setting: Setting, label: str) -> TableRow:
    return {
        "model": setting.model,
        "strategy": setting.strategy,
        "variant": label,
        "is_script": setting.is_script,
        "official": setting.official,
    }


def _metrics(prefix: str, values: Mapping[str, Any]) -> TableRow:
    row: TableRow = {}
    for name, each in values.items():
        row[f"{prefix}{name}"] = _number(each.value)
        row[f"{prefix}{name}_low"] = _number(each.low)
        row[f"{prefix}{name}_high"] = _number(each.high)
    return row


def _counts(entries: Sequence[Entry]) -> TableRow:
    facts = [each for entry in entries for each in entry.facts]
    scored = [each for each in facts if each.state == "scored"]
    return {
        "samples": len(scored),
        **{state: sum(each.state == state for each in facts) for state in _STATES},
        "waiting": sum(entry.waiting for entry in entries),
        "without_program": sum(each.runs is None for each in scored),
        "unscored_runs": sum(unscored_runs(entry) for entry in entries),
    }


def _spending(entry: Entry) -> TableRow:
    spent = [facts.spending for facts in entry.facts if facts.state == "scored"]
    row: TableRow = {"spent_usd": sum(facts.spending.cost_usd for facts in entry.facts)}
    if not spent:
        return row
    if all(each.priced for each in spent):
        row["cost_usd"] = float(np.mean([each.cost_usd for each in spent]))
    row["tokens"] = float(np.mean([each.input_tokens + each.output_tokens for each in spent]))
    for name in _SPENT[1:]:
        row[name] = float(np.mean([getattr(each, name) for each in spent]))
    return row


def _summed(rows: Sequence[TableRow]) -> TableRow:
    return {
        name: sum(row[name] for row in rows) if rows and all(row[name] is not None for row in rows) else None
        for name in ("cost_usd", *_SPENT)
    }


def _over_problems(rows: Sequence[TableRow], name: str, *, weighted: bool) -> float | None:
    if not rows or any(row[name] is None for row in rows):
        return None
    weights = [row["instances"] if weighted else 1 for row in rows]
    return float(np.average([row[name] for row in rows], weights=weights))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
