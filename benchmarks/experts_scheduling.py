r"""Figures of the scheduling experts: what each method finds in how much processor time, with tables and a picture.

    python benchmarks/experts_scheduling.py --out figures.jsonl
    python benchmarks/experts_scheduling.py --out figures.jsonl --topic resource --method "local search" \
        --instance eval05_180 --budget 10 60
    python benchmarks/experts_scheduling.py --out figures.jsonl --show --plot docs/images/experts-scheduling.svg

Runs every chosen method on every chosen instance with every budget (seconds of processor time of one thread), and
appends a JSON line for each run; what the file holds already is not run again, so that it can be interrupted and
repeated. A method that ends well before its budget, or reaches a proven optimum, is not run with a larger one. Each
answer is verified by the problem's own verifier before it is counted; a wrong one ends the benchmark. With
``--keep``, an answer that is better than the stored expert value takes its place in the problem's folder.

Then prints Markdown tables and, with ``--plot``, draws quality against time. The topics are ``memory``,
``pipelined`` and ``resource``.
"""

import argparse
import datetime
import importlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scheduling_figures import (
    Known,
    KnownValues,
    Run,
    append,
    draw,
    known_values,
    read_runs,
    summary_table,
    value_table,
)

from heurigym import __version__
from heurigym.errors import InputError
from heurigym.problems import Outcome
from heurigym.problems.expert_values import Solved, keep_better
from heurigym.problems.instances import Instance
from heurigym.problems.problem import Problem, load_problem
from heurigym.problems.spec import BaselineRecord
from heurigym.problems.verification import Verifiers

Method: TypeAlias = Callable[[Path, float, int], tuple[int, int | None, Any]]
"""Instance file, seconds of processor time and seed: objective, proven bound or none, and starts."""

PROBLEMS = Path(__file__).resolve().parents[1] / "problems"
TOPICS = {
    "memory": ("memory_scheduling", "memory"),
    "pipelined": ("pipelined_scheduling", "modulo"),
    "resource": ("resource_scheduling", "resource"),
}
"""Problem folder and package of methods of each topic."""
BUDGETS = (10.0, 60.0, 300.0)
WARM_UP_S = 0.5
CONSOLE = Console(stderr=True)


@dataclass(frozen=True)
class Task:
    """One run that is still to be made."""

    topic: str
    problem: Problem
    instance: Instance
    method: str
    function: Method
    budget_s: float
    seed: int

    def is_answered(self, runs: Sequence[Run], known: KnownValues) -> bool:
        """Whether the run was made, or one with a smaller budget tells what it would find."""
        same = (run for run in runs if run.key == (self.topic, self.method, self.instance.name, self.seed))
        return any(
            run.budget_s == self.budget_s or (run.is_final(known) and run.budget_s < self.budget_s) for run in same
        )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="file of JSON lines, which is continued")
    parser.add_argument("--topic", nargs="+", choices=sorted(TOPICS), default=sorted(TOPICS), help="topics")
    parser.add_argument("--method", nargs="+", help="methods; all of them by default")
    parser.add_argument("--instance", nargs="+", help="names of instances; all eval instances by default")
    parser.add_argument("--budget", nargs="+", type=float, default=BUDGETS, help="seconds of processor time")
    parser.add_argument("--seed", type=int, default=0, help="random seed")
    parser.add_argument("--keep", action="store_true", help="store what is better than the expert's values")
    parser.add_argument("--show", action="store_true", help="run nothing, show what the file holds")
    parser.add_argument("--plot", type=Path, help="picture to draw, .svg or .png")
    options = parser.parse_args()
    try:
        if not options.show:
            run_all(options)
        runs = [run for run in read_runs(options.out) if run.topic in options.topic]
    except InputError as error:
        raise SystemExit(f"{parser.prog}: {error}") from None
    known = known_values(stored_values(options.topic), runs)
    for topic in options.topic:
        own = [run for run in runs if run.topic == topic]
        if own:
            print(f"## {topic}\n\n{summary_table(own, known)}\n")
            for budget in sorted({run.budget_s for run in own}):
                print(f"{budget:g} seconds\n\n{value_table(own, known, budget)}\n")
    if options.plot and runs:
        draw(runs, known, options.plot)


def run_all(options: argparse.Namespace) -> None:
    """Make all runs that are missing, smaller budgets first."""
    tasks = list(chosen_tasks(options))
    done = read_runs(options.out)
    stored = stored_values(options.topic)
    most = sum(task.budget_s for task in tasks if not task.is_answered(done, known_values(stored, done)))
    CONSOLE.print(
        f"{len(tasks)} runs, at most {most / 60:.0f} minutes of processor time for those that are missing"
    )
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    warm: set[tuple[str, str]] = set()
    with Verifiers() as verifiers, Progress(*columns, console=CONSOLE) as progress:
        bar = progress.add_task("", total=len(tasks))
        for task in tasks:
            progress.update(bar, description=f"{task.topic} {task.method} {task.instance.name} {task.budget_s:g} s")
            if not task.is_answered(done, known_values(stored, done)):
                if (task.topic, task.method) not in warm:
                    compile_loops(task)
                    warm.add((task.topic, task.method))
                done.append(measure(task, verifiers, keep=options.keep))
                append(options.out, done[-1])
            progress.advance(bar)


def chosen_tasks(options: argparse.Namespace) -> Iterator[Task]:
    """The runs that the options ask for.

    Raises:
        InputError: no instance or no method has a given name.
    """
    methods = {topic: load_methods(topic) for topic in options.topic}
    problems = {topic: load_problem(PROBLEMS / TOPICS[topic][0]) for topic in options.topic}
    _check_names("--method", options.method, {name for own in methods.values() for name in own})
    shipped = {topic: [*p.instances("demo"), *p.instances("eval")] for topic, p in problems.items()}
    _check_names("--instance", options.instance, {one.name for own in shipped.values() for one in own})
    for budget in sorted(options.budget):
        for topic in options.topic:
            wanted = options.instance or [instance.name for instance in problems[topic].instances("eval")]
            for instance in (one for one in shipped[topic] if one.name in wanted):
                for name, function in methods[topic].items():
                    if not options.method or name in options.method:
                        yield Task(topic, problems[topic], instance, name, function, budget, options.seed)


def _check_names(option: str, given: Sequence[str] | None, known: set[str]) -> None:
    for name in given or ():
        if name not in known:
            raise InputError(f"{option}: {name!r} is unknown; choose among {', '.join(sorted(known))}")


def load_methods(topic: str) -> Mapping[str, Method]:
    """The methods of a topic by name."""
    module = importlib.import_module(f"heurigym.experts.scheduling.{TOPICS[topic][1]}.methods")
    methods: Mapping[str, Method] = module.METHODS
    return methods


def compile_loops(task: Task) -> None:
    """Run a method for a moment on the smallest instance, so that loading compiled loops is not timed."""
    smallest = min(task.problem.instances("demo"), key=lambda instance: len(instance.read()[0]))
    with tempfile.TemporaryDirectory() as folder:
        task.function(_written(smallest, folder), WARM_UP_S, task.seed)


def measure(task: Task, verifiers: Verifiers, keep: bool) -> Run:
    """Make a run and verify its answer; store it if it is to be kept and better than the expert's.

    Raises:
        SystemExit: the answer is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _written(task.instance, folder)
        began = time.process_time()
        objective, bound, starts = task.function(path, task.budget_s, task.seed)
        seconds = time.process_time() - began
    content = json.loads(task.instance.read()[0])
    solution = solution_text(content, objective, starts).encode()
    verdict = verifiers.verify(task.problem, task.instance, solution)
    if verdict.outcome is not Outcome.FEASIBLE or verdict.objective != objective:
        found = f"said {objective}, verified {verdict.objective}: {verdict.message}"
        raise SystemExit(f"{task.method} on {task.instance.name}: {found}")
    if keep and objective < task.problem.baselines[task.instance.name].objective:
        record = BaselineRecord(
            objective=objective,
            bound=bound,
            optimal=bound == objective,
            solver=task.method,
            version=f"heurigym {__version__}",
            time_s=round(seconds, 2),
            date=datetime.datetime.now(datetime.UTC).date(),
            seed=task.seed,
            solution=None,
        )
        keep_better(task.problem.folder, task.problem, {task.instance.name: Solved(record, solution)})
    return Run(
        topic=task.topic,
        method=task.method,
        instance=task.instance.name,
        nodes=len(node_names(content)),
        budget_s=task.budget_s,
        seed=task.seed,
        seconds=round(seconds, 2),
        objective=objective,
        bound=bound,
    )


def _written(instance: Instance, folder: str) -> Path:
    path = Path(folder) / "instance.json"
    path.write_bytes(instance.read()[0])
    return path


def solution_text(content: Mapping[str, Any], objective: int, starts: Sequence[int]) -> str:
    """The solution file of starts in the order of the instance's nodes or operations.

    Pipelined schedules also name their interval T. It follows from the objective R + weight * (T - least), for a
    method's registers R are fewer than the weight; were they not, the verifier would see another objective.
    """
    lines = [f"{name}:{start}\n" for name, start in zip(node_names(content), starts, strict=True)]
    if "interval" in content:
        least, weight = content["interval"]["least"], content["interval"]["weight"]
        lines.insert(0, f"interval:{least + (objective // weight if weight else 0)}\n")
    return "".join(lines)


def node_names(content: Mapping[str, Any]) -> list[str]:
    """Ids of the nodes or operations in the order of the instance's file."""
    return [str(row[0]) for row in content["nodes" if "nodes" in content else "operations"]]


def stored_values(topics: Sequence[str]) -> dict[tuple[str, str], Known]:
    """Objective and bound of each (topic, instance) that the expert's stored values have."""
    return {
        (topic, name): Known(int(record.objective), None if record.bound is None else int(record.bound))
        for topic in topics
        for name, record in load_problem(PROBLEMS / TOPICS[topic][0]).baselines.items()
    }


if __name__ == "__main__":
    main()
