"""Progress of a campaign in the terminal: a live table of the cells under way, or lines without one."""

import threading
from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from heurigym.agents.trajectory import Attempt, Cell, Status, Trajectory
from heurigym.campaigns.events import Progress

_ROWS = 20


class _Row:
    def __init__(self) -> None:
        self.attempt = 0
        self.doing = "starting"
        self.share: tuple[int, int] | None = None
        self.best: float | None = None
        self.cost = 0.0


class ProgressDisplay:
    """A watcher that shows a campaign on ``console``.

    Only cells under way are kept, so that memory does not grow with the campaign.
    """

    def __init__(self, console: Console, total: int, iterations: int) -> None:
        self._console = console
        self._total = total
        self._iterations = iterations
        self._rows: dict[Cell, _Row] = {}
        self._ended: Counter[Status] = Counter()
        self._lock = threading.Lock()
        self._live = Live(get_renderable=self._render, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def cell_started(self, cell: Cell, trajectory: Trajectory) -> None:
        """Show a row for the cell."""
        with self._lock:
            self._rows[cell] = _Row()
        self._update(cell, trajectory)

    def calling(self, cell: Cell, number: int) -> None:
        """Show that the model is being called."""
        self._say(cell, number, "waiting for the model", None)

    def judging(self, cell: Cell, number: int, progress: Progress) -> None:
        """Show how far the judging is."""
        self._say(cell, number, f"judging on {progress.split}", (progress.done, progress.total))

    def attempt_ended(self, cell: Cell, attempt: Attempt, trajectory: Trajectory) -> None:
        """Show the best score so far, and a line where there is no terminal."""
        self._update(cell, trajectory)
        if not self._console.is_terminal:
            summary = attempt.demo.summary if attempt.demo is not None else None
            score = (
                "no program" if summary is None else f"demo QYI {_number(summary.qyi)}, yield {summary.yield_:.2f}"
            )
            self._line(f"{cell}: attempt {attempt.number + 1} of {self._iterations}: {score}")

    def cell_ended(self, cell: Cell, trajectory: Trajectory) -> None:
        """Count the cell and say how it ended."""
        with self._lock:
            self._rows.pop(cell, None)
            self._ended[trajectory.status] += 1
        if trajectory.status is Status.FAILED:
            self._line(f"{cell}: failed: {trajectory.error}", style="red")
        else:
            self._line(f"{cell}: finished, eval QYI {_number(_eval_qyi(trajectory))}")

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)

    def _say(self, cell: Cell, number: int, doing: str, share: tuple[int, int] | None) -> None:
        with self._lock:
            row = self._rows.get(cell)
            if row is not None:
                row.attempt, row.doing, row.share = number + 1, doing, share

    def _update(self, cell: Cell, trajectory: Trajectory) -> None:
        best = max((attempt.merit[0] for attempt in trajectory.attempts if attempt.demo is not None), default=None)
        with self._lock:
            row = self._rows.get(cell)
            if row is not None:
                row.best, row.cost = best, float(trajectory.cost_usd)

    def _render(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, expand=False)
        for title in ("problem", "model", "strategy", "sample", "attempt", "best demo QYI", "cost $", "now"):
            table.add_column(title, overflow="fold", style="bold" if title == "best demo QYI" else "")
        table.add_column("", width=16)
        with self._lock:
            rows = list(self._rows.items())
            ended = sum(self._ended.values())
            failed = self._ended[Status.FAILED]
        for cell, row in rows[:_ROWS]:
            bar: RenderableType = ""
            if row.share is not None:
                bar = ProgressBar(total=row.share[1], completed=row.share[0], width=16)
            table.add_row(
                cell.problem,
                Text(cell.model),
                cell.strategy,
                str(cell.sample),
                f"{row.attempt}/{self._iterations}",
                _number(row.best),
                f"{row.cost:.4f}",
                row.doing,
                bar,
            )
        tail = f"{ended} of {self._total} cells done"
        tail += f", {failed} failed" if failed else ""
        tail += f", {len(rows) - _ROWS} more under way" if len(rows) > _ROWS else ""
        return Group(table, Text(tail))


def _eval_qyi(trajectory: Trajectory) -> float | None:
    if trajectory.selected is None:
        return 0.0
    judging = trajectory.attempts[trajectory.selected].eval
    return None if judging is None else judging.summary.qyi


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
