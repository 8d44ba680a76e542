"""Runs of the e-graph benchmark: their file, and Markdown tables of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

UNPLANNED = ("plain", "eboost-1.05", "eboost-1.25", "eboost-1.5", "eboost-2", "eboost-inf")
"""Methods that do the same whatever their budget is, until it ends."""
SPEED_NODES = 10_000
"""Speed against the plain model is asked of e-graphs of at least this many nodes."""
ROUNDING = 1e-9
"""Relative difference of costs that are equal."""


@dataclass(frozen=True)
class Run:
    """A line of the figures; times in seconds of processor time."""

    instance: str
    nodes: int
    method: str
    budget_s: float
    seconds: float
    cost: float | None
    bound: float | None
    optimal: bool
    trace: Sequence[tuple[float, float]]

    @property
    def ended(self) -> bool:
        """Whether it ended by itself, so that a larger budget gives the same."""
        return self.seconds < 0.9 * self.budget_s

    def costs_at_most(self, cost: float | None) -> bool:
        """Whether it found a solution of at most this cost."""
        return self.cost is not None and cost is not None and self.cost <= cost + ROUNDING * abs(cost)

    def reached(self, cost: float) -> float | None:
        """When a cost of at most ``cost`` was there."""
        times = [seconds for seconds, value in self.trace if value <= cost + ROUNDING * abs(cost)]
        return min(times, default=None)

    def stopped_at(self, budget_s: float) -> "Run":
        """The run of an unplanned method with a smaller budget than it had."""
        if self.seconds <= budget_s:
            return replace(self, budget_s=budget_s)
        found = [cost for seconds, cost in self.trace if seconds <= budget_s]
        cost = min(found, default=None)
        return replace(self, budget_s=budget_s, seconds=budget_s, cost=cost, bound=None, optimal=False)


def read_runs(lines: Path) -> list[Run]:
    """The runs in a file."""
    return [Run(**json.loads(line)) for line in lines.read_text(encoding="utf-8").splitlines()]


def proven_costs(runs: Sequence[Run]) -> Mapping[str, float]:
    """The optimum of each instance of which a run proves one."""
    return {run.instance: run.cost for run in runs if run.optimal and run.cost is not None}


def answer(runs: Sequence[Run], budget_s: float, proven: Mapping[str, float]) -> Run | None:
    """What the runs of one method on one instance say of a budget, or none.

    That is the run with this budget; or one with a larger budget, stopped, of a method that does not plan by its
    budget; or one with a smaller budget that ended by itself or found the proven optimum.
    """
    exact = [run for run in runs if run.budget_s == budget_s]
    larger = [run.stopped_at(budget_s) for run in runs if run.budget_s > budget_s and run.method in UNPLANNED]
    smaller = [
        run
        for run in runs
        if run.budget_s < budget_s and (run.ended or run.costs_at_most(proven.get(run.instance)))
    ]
    return next(iter([*exact, *larger, *smaller]), None)


def table(runs: Sequence[Run]) -> str:
    """Markdown: one row for each instance and budget that was run, one column for each method.

    A star marks a proven optimum.
    """
    methods = list(dict.fromkeys(run.method for run in runs))
    proven = proven_costs(runs)
    lines = [
        "| instance | nodes | budget s | " + " | ".join(methods) + " |",
        "|---|---:|---:" + "|---" * len(methods) + "|",
    ]
    for nodes, name, budget in sorted({(run.nodes, run.instance, run.budget_s) for run in runs}):
        own = [run for run in runs if run.instance == name]
        cells = [_cell(answer([run for run in own if run.method == method], budget, proven)) for method in methods]
        lines.append(f"| {name} | {nodes} | {budget:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(run: Run | None) -> str:
    if run is None:
        return ""
    cost = "none" if run.cost is None else f"{run.cost:.8g}"
    return f"{cost}{'*' if run.optimal else ''} ({run.seconds:.3g} s)"


def speed(runs: Sequence[Run]) -> str:
    """Markdown: when the plain model reached the best it found, when the expert had that, and the ratio."""
    lines = [
        "| instance | nodes | plain model: budget s | its best | reached after s | the expert's after s | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in dict.fromkeys(run.instance for run in runs if run.nodes >= SPEED_NODES):
        of_plain = [run for run in runs if run.instance == name and run.method == "plain"]
        experts = [run for run in runs if run.instance == name and run.method == "portfolio"]
        if not of_plain or not experts:
            continue
        longest = max(of_plain, key=lambda run: run.budget_s)
        if longest.cost is None:
            first = min(run.trace[0][0] for run in experts if run.trace)
            ratio = f"more than {longest.seconds / first:.0f}"
            cells = ["none", "", f"{first:.2f} (its first)", ratio]
        else:
            slow = longest.reached(longest.cost) or longest.seconds
            times = [when for run in experts if (when := run.reached(longest.cost)) is not None]
            fast = f"{min(times):.2f}" if times else "not"
            cells = [f"{longest.cost:.8g}", f"{slow:.2f}", fast, f"{slow / min(times):.1f}" if times else ""]
        lines.append(f"| {name} | {longest.nodes} | {longest.budget_s:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
