"""Runs of the scheduling benchmark: their file, Markdown tables of them, and a picture."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from heurigym.errors import InputError


class Known(NamedTuple):
    """The best known objective of an instance, and the best proven bound or none."""

    best: int
    bound: int | None


KnownValues: TypeAlias = Mapping[tuple[str, str], Known]
"""What is known of each (topic, instance)."""


@dataclass(frozen=True)
class Run:
    """A line of the figures.

    Attributes:
        topic: which problem.
        method: name of the method.
        instance: name of the instance.
        nodes: its number of operations.
        budget_s: seconds of processor time that the method was given.
        seed: random seed.
        seconds: processor time that it took.
        objective: verified objective.
        bound: proven lower bound, or none.
    """

    topic: str
    method: str
    instance: str
    nodes: int
    budget_s: float
    seed: int
    seconds: float
    objective: int
    bound: int | None

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What was run, whatever the budget."""
        return self.topic, self.method, self.instance, self.seed

    @property
    def ended(self) -> bool:
        """Whether it ended by itself, so that a larger budget gives the same."""
        return self.seconds < 0.8 * self.budget_s

    def is_final(self, known: KnownValues) -> bool:
        """Whether a larger budget gives no other objective: it ended, or has what is proven to be the optimum."""
        return self.ended or self.objective == known[self.topic, self.instance].bound


def read_runs(path: Path) -> list[Run]:
    """The runs in a file of JSON lines, none if there is no file.

    Raises:
        InputError: a line is no run.
    """
    if not path.exists():
        return []
    runs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            runs.append(Run(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise InputError(f"{path}: line {number} is no run ({error}); remove it") from None
    return runs


def append(path: Path, run: Run) -> None:
    """Add a run to a file of JSON lines."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(run)) + "\n")


def known_values(stored: KnownValues, runs: Sequence[Run]) -> KnownValues:
    """What is known after some runs: the better objective and the better bound of each instance."""
    known = dict(stored)
    for run in runs:
        before = known.get((run.topic, run.instance), Known(run.objective, None))
        bounds = [bound for bound in (before.bound, run.bound) if bound is not None]
        known[run.topic, run.instance] = Known(min(before.best, run.objective), max(bounds, default=None))
    return known


def at_budget(runs: Sequence[Run], known: KnownValues, budget_s: float) -> list[Run]:
    """For each method and instance the run with this budget, or the final one with a smaller budget."""
    chosen: dict[tuple[str, str, str, int], Run] = {}
    for run in sorted(runs, key=lambda run: run.budget_s):
        if run.budget_s == budget_s or (run.is_final(known) and run.budget_s < budget_s):
            chosen[run.key] = run
    return list(chosen.values())


def summary_table(runs: Sequence[Run], known: KnownValues) -> str:
    """Markdown: by method and budget, the geometric mean of objective / best known and how often it is the best.

    Instances on which nothing was run with a budget do not count for it, so that no method is judged by those alone
    that it had solved before.
    """
    budgets = sorted({run.budget_s for run in runs})
    head = "".join(f" {budget:g} s | best known |" for budget in budgets)
    lines = [f"| method |{head}", "|---|" + "---|" * 2 * len(budgets)]
    for method in _methods(runs):
        cells = []
        for budget in budgets:
            own = [run for run in _answers(runs, known, budget) if run.method == method]
            ratios = [ratio(run, known) for run in own]
            hits = sum(value <= 1 for value in ratios)
            cells.append(f" {geometric_mean(ratios):.3f} | {hits} of {len(own)} |" if own else " | |")
        lines.append(f"| {method} |{''.join(cells)}")
    return "\n".join(lines)


def value_table(runs: Sequence[Run], known: KnownValues, budget_s: float) -> str:
    """Markdown: objectives by instance and method within a budget, the best in bold, and the best proven bound.

    Instances on which nothing was run with this budget are left out.
    """
    chosen = _answers(runs, known, budget_s)
    methods = _methods(chosen)
    lines = [
        "| instance | nodes | " + " | ".join(methods) + " | best known | bound |",
        "|---" * (len(methods) + 4) + "|",
    ]
    for instance in sorted({run.instance for run in chosen}):
        own = {run.method: run for run in chosen if run.instance == instance}
        first = next(iter(own.values()))
        least = min(run.objective for run in own.values())
        cells = [_cell(own.get(method), least) for method in methods]
        best, bound = known[first.topic, instance]
        cells += [str(best), "" if bound is None else str(bound)]
        lines.append(f"| {instance} | {first.nodes} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _answers(runs: Sequence[Run], known: KnownValues, budget_s: float) -> list[Run]:
    """What :func:`at_budget` gives for the instances on which some method was run with this budget."""
    run_here = {run.instance for run in runs if run.budget_s == budget_s}
    return [run for run in at_budget(runs, known, budget_s) if run.instance in run_here]


def _cell(run: Run | None, least: int) -> str:
    if run is None:
        return ""
    return f"**{run.objective}**" if run.objective == least else str(run.objective)


def ratio(run: Run, known: KnownValues) -> float:
    """Objective over best known; 1 when both are zero."""
    best = known[run.topic, run.instance].best
    return run.objective / best if best else 1.0 + run.objective


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of positive numbers."""
    return math.exp(sum(map(math.log, values)) / len(values))


def draw(runs: Sequence[Run], known: KnownValues, path: Path) -> None:
    """Draw, for each topic, objective over best known against processor time, a line for each method.

    A point is a geometric mean over the :func:`comparable` instances; a method that was not run on all of them with
    a budget has none there.

    Raises:
        ImportError: matplotlib is missing.
    """
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "heurigym"
    from matplotlib import pyplot

    topics = sorted({run.topic for run in runs})
    figure, panels = pyplot.subplots(1, len(topics), figsize=(5.2 * len(topics), 4.6), squeeze=False)
    for topic, panel in zip(topics, panels[0], strict=True):
        own = [run for run in runs if run.topic == topic]
        instances = comparable(own)
        for method in _methods(own):
            chosen = [run for run in own if run.method == method]
            points = sorted(
                point
                for budget in {run.budget_s for run in chosen}
                if (point := _point(at_budget(chosen, known, budget), instances, known)) is not None
            )
            panel.plot([x for x, _ in points], [y for _, y in points], marker="o", label=method)
        panel.set(title=topic, xscale="log", xlabel="processor time, s")
        panel.set_ylabel("objective / best known, geometric mean")
        panel.grid(True, which="both", alpha=0.3)
        panel.legend(fontsize="small")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def comparable(runs: Sequence[Run]) -> set[str]:
    """The instances that were run with every budget that at least three methods used up: one set for all points."""
    used: dict[float, set[str]] = {}
    instances: dict[float, set[str]] = {}
    for run in runs:
        if not run.ended:
            used.setdefault(run.budget_s, set()).add(run.method)
            instances.setdefault(run.budget_s, set()).add(run.instance)
    sets = [instances[budget] for budget, methods in used.items() if len(methods) >= 3]
    return set.intersection(*sets) if sets else {run.instance for run in runs}


def _point(runs: Sequence[Run], instances: set[str], known: KnownValues) -> tuple[float, float] | None:
    own = [run for run in runs if run.instance in instances]
    if {run.instance for run in own} != instances:
        return None
    seconds = geometric_mean([max(0.01, run.seconds) for run in own])
    return seconds, geometric_mean([ratio(run, known) for run in own])


def _methods(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.method for run in runs))
