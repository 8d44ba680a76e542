"""The score table that the terminal shows after a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from heurigym.board.collect import collect
from heurigym.board.scores import TableRow, score
from heurigym.scoring.bootstrap import RESAMPLES


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores of some stores.

    Attributes:
        results: one row for each problem, model, strategy, as in ``results.csv``.
        overall: one row for each model and strategy, best first, as in ``overall.csv``.
        notes: what a reader should know.
    """

    results: tuple[TableRow, ...]
    overall: tuple[TableRow, ...]
    notes: tuple[str, ...]

    def __rich__(self) -> Group:
        """Tables for the terminal: one for each problem, then means over problems where there are several."""
        tables = []
        versions = sorted({(row["problem"], row["digest"]) for row in self.results})
        for problem, digest in versions:
            rows = [row for row in self.results if (row["problem"], row["digest"]) == (problem, digest)]
            apart = "" if rows[0]["current"] else f" in version {digest}, shown apart"
            table = _table(f"{problem}{apart}: {rows[0]['instances']} eval instances")
            for row in sorted(rows, key=lambda each: -(each["qyi"] or 0)):
                table.add_row(_who(row), *_numbers(row, "", row["oracle"]))
            tables.append(table)
        if len(versions) > 1:
            table = _table("all problems, weighted by instances")
            for row in self.overall:
                who = _who(row)
                if not row["complete"]:
                    who.append(f" ({row['problems']} problems only)", style="yellow")
                table.add_row(who, *_numbers(row, "weighted_", row["weighted_oracle"]))
            tables.append(table)
        return Group(*tables)


def score_table(stores: Sequence[Path], *, resamples: int = RESAMPLES) -> ScoreTable:
    """The scores of ``stores``, to be printed with ``rich`` or read as rows.

    Raises:
        InputError: a folder is not a store.
    """
    collected = collect(stores)
    scores = score(collected, resamples)
    return ScoreTable(tuple(scores.results), tuple(scores.overall), tuple(collected.notes))


def _table(title: str) -> Table:
    table = Table(
        title=Text(title, style="bold"), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False
    )
    table.add_column("model / strategy", overflow="fold", min_width=16)
    for name in ("QYI", "95 %", "yield", "quality", "oracle", "samples", "cost $"):
        table.add_column(name, justify="right", no_wrap=name != "samples")
    return table


def _who(row: TableRow) -> Text:
    who = Text(" ".join(filter(None, (row["model"], row["strategy"], row["variant"]))))
    if row["is_script"]:
        who.append(" (script)", style="dim")
    if not row["official"]:
        who.append(" (unofficial)", style="red")
    return who


def _numbers(row: TableRow, prefix: str, oracle: float | None) -> list[Text]:
    states = [f"{row[state]} {state}" for state in ("running", "failed", "unjudged", "waiting") if row[state]]
    value, low, high = (row[f"{prefix}qyi{end}"] for end in ("", "_low", "_high"))
    cells = (
        _shown(value),
        "–" if low is None else f"{low:.2f}-{high:.2f}",
        _shown(row[f"{prefix}yield"]),
        _shown(row[f"{prefix}quality"]),
        _shown(oracle),
        ", ".join([str(row["samples"]), *states]),
        "–" if row["cost_usd"] is None else f"{row['cost_usd']:.2f}",
    )
    return [Text(cell) for cell in cells]


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
