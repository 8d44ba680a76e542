"""What commands print: tables for people, JSON for programs."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heurigym.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from heurigym.execution.judging import Judging


_UNFOLDED = 100_000
"""Columns in which any table fits."""


def console(*, stderr: bool = False) -> "Console":
    """A console that never folds identifiers into colours of its own."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write ``content`` to ``path``, whole or not at all; ``-`` is standard output. A device or pipe is written to.

    Raises:
        InputError: it cannot be written.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    if str(path) == "-":
        print(text, end="")
        return
    temporary = path.with_name(f".{path.name}.part")
    try:
        if _is_special(path):
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            return
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def check_writable(path: Path | None) -> None:
    """Fail before the work rather than after it, when ``path`` cannot be written.

    Raises:
        InputError: its folder is missing or read-only.
    """
    import os

    if path is None or str(path) == "-" or _is_special(path):
        return
    if not path.parent.is_dir():
        raise InputError(f"{path}: cannot be written: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: cannot be written")


def _is_special(path: Path) -> bool:
    # Replacing such a path by a file would break it for everybody: /dev/null, a FIFO, another process's pipe.
    return path.exists() and not path.is_file() and not path.is_dir()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[str] = frozenset()) -> None:
    """Print ``rows`` under ``columns``; those named in ``right`` are aligned to the right.

    Long cells are folded to the width of a terminal, and not at all where a program reads.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    screen = console()
    if not screen.is_terminal:
        screen.width = max(1, screen.measure(table, options=screen.options.update(width=_UNFOLDED)).maximum)
    screen.print(table)


def print_judging(judging: "Judging") -> None:
    """Print a judging: a row for each run and the summary."""
    rows = [
        (
            " ".join(run.instance.split()),
            run.outcome.value,
            number(run.objective),
            number(run.baseline),
            number(run.quality, 4),
            f"{run.charged_s:.2f}",
            run.message.splitlines()[0][:100] if run.message else "",
        )
        for run in judging.runs
    ]
    columns = ("instance", "outcome", "objective", "expert", "quality", "time s", "message")
    print_table(columns, rows, frozenset({"objective", "expert", "quality", "time s"}))
    summary = judging.summary
    if not summary.instances:
        print(f"\nnothing was scored: the harness failed on {summary.unscored} of {len(judging.runs)} instances")
        return
    text = f"\n{summary.feasible} of {summary.instances} feasible: yield {summary.yield_:.4f}"
    if summary.qyi is not None:
        text += (
            f", quality {number(summary.quality, 4)} (uncapped {number(summary.quality_uncapped, 4)}), "
            f"QYI {summary.qyi:.4f}"
        )
    if summary.unscored:
        text += f"; {summary.unscored} could not be scored because the harness failed"
    print(text)


def warn_unofficial() -> None:
    """Say, in red and on standard error, that programs run without isolation."""
    console(stderr=True).print("UNOFFICIAL: programs run without isolation", style="bold red")


def number(value: float | None, digits: int | None = None) -> str:
    """``value`` for a table; a dash when there is none."""
    if value is None:
        return "-"
    return f"{value:.12g}" if digits is None else f"{value:.{digits}f}"


@contextlib.contextmanager
def progress(total: int | None) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, where that is a terminal; the function given advances it by one.

    ``total`` is ``None`` where the number of steps is not known beforehand.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    screen = console(stderr=True)
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen,
        disable=not screen.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
