"""Figures of e-graph extraction: what each method finds in how much processor time.

Run every method on some instances and append one JSON line for each run; what the file holds already is not run
again, so that a run can be interrupted and repeated::

    python benchmarks/experts_egraph.py run --out figures.jsonl FILE...

Methods: tree, dag, anneal, plain (the published integer program in HiGHS), eboost-THETA (1.05, 1.25, 1.5, 2, inf)
and portfolio; by default all of them. Budgets (10, 60 and 300 by default) are seconds of processor time of one
thread, so that figures can be repeated on a shared machine; a run that ends by itself is not repeated with a larger
budget.

Then print the lines as Markdown, or how much faster the expert reaches what the plain model reaches::

    python benchmarks/experts_egraph.py table figures.jsonl
    python benchmarks/experts_egraph.py speed figures.jsonl
"""

import argparse
import gzip
import json
import multiprocessing
import multiprocessing.connection
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from heurigym.experts.egraph import highs
from heurigym.experts.egraph.annealing import Annealer
from heurigym.experts.egraph.graph import EGraph, Ints, read_egraph
from heurigym.experts.egraph.greedy import dag_greedy, tree_greedy
from heurigym.experts.egraph.parts import eboost
from heurigym.experts.egraph.portfolio import THETAS, extract
from heurigym.experts.egraph.reduction import extend_choice, reduced

CLOCK = time.process_time
BUDGETS = (10.0, 60.0, 300.0)
GRACE_S = 30
"""Processor time after its budget at which a run is ended from outside: HiGHS's presolve has no clock."""
SPEED_NODES = 10_000
"""Speed against the plain model is asked of e-graphs of at least this many nodes."""


@dataclass(frozen=True)
class Found:
    """What a method found.

    Attributes:
        choice: the chosen nodes, or ``None``.
        bound: proven bound of the whole instance, or ``None``.
        optimal: whether the bound is met.
        trace: seconds and cost of each improvement, where the method tells.
    """

    choice: Ints | None
    bound: float | None = None
    optimal: bool = False
    trace: Sequence[tuple[float, float]] = ()


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

    def reached(self, cost: float) -> float | None:
        """When a cost of at most ``cost`` was there."""
        times = [seconds for seconds, value in self.trace if value <= cost * (1 + 1e-9)]
        return min(times, default=None)


def tree(graph: EGraph, budget: float) -> Found:
    """Bottom-up by tree cost."""
    small, nodes = reduced(graph)
    return Found(extend_choice(graph, nodes, tree_greedy(small)))


def dag(graph: EGraph, budget: float) -> Found:
    """Bottom-up by DAG cost."""
    small, nodes = reduced(graph)
    return Found(extend_choice(graph, nodes, dag_greedy(small, 0, CLOCK() + budget, CLOCK)))


def anneal(graph: EGraph, budget: float) -> Found:
    """Annealing alone, one round that fills the budget."""
    deadline = CLOCK() + budget
    small, nodes = reduced(graph)
    annealer = Annealer(small, 0)
    choice = annealer.round(tree_greedy(small), 1_000_000_000, 0.5, deadline=deadline, clock=CLOCK)
    return Found(extend_choice(graph, nodes, choice))


def plain(graph: EGraph, budget: float) -> Found:
    """The published integer program, without reductions and without a start."""
    answer = highs.solve(graph, budget, plain=True, clock=CLOCK)
    return Found(answer.choice, answer.bound, answer.optimal, answer.found)


def pruned(theta: float) -> Callable[[EGraph, float], Found]:
    """e-boost at one threshold; only without pruning is its bound one of the instance."""

    def run(graph: EGraph, budget: float) -> Found:
        answer = eboost(graph, theta, budget, highs.solve, clock=CLOCK)
        whole = theta == THETAS[-1]
        return Found(answer.choice, answer.bound if whole else None, answer.optimal and whole, answer.found)

    return run


def portfolio(graph: EGraph, budget: float) -> Found:
    """The expert."""
    found = extract(graph, budget, 0, clock=CLOCK)
    trace = [(step.seconds, float(step.cost)) for step in found.improvements]
    return Found(found.choice, found.bound, found.optimal, trace)


METHODS: dict[str, Callable[[EGraph, float], Found]] = {
    "tree": tree,
    "dag": dag,
    "anneal": anneal,
    "plain": plain,
    **{f"eboost-{theta:g}": pruned(theta) for theta in THETAS},
    "portfolio": portfolio,
}


def run_all(files: Sequence[Path], methods: Sequence[str], budgets: Sequence[float], out: Path) -> None:
    """Run what is not in ``out`` yet, and append a line for each run."""
    done = {(run.instance, run.method, run.budget_s): run for run in read_runs(out)} if out.exists() else {}
    total = len(files) * len(methods) * sum(budgets)
    print(f"{len(files)} instances, {len(methods)} methods: at most {total / 3600:.1f} hours of processor time")
    warm_up()
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress, out.open("a", encoding="utf-8") as lines:
        task = progress.add_task("", total=len(files) * len(methods) * len(budgets))
        for file in files:
            name = file.name.split(".json")[0]
            graph: EGraph | None = None
            for method in methods:
                last: Run | None = None
                for budget in sorted(budgets):
                    progress.update(task, description=f"{name}, {method}, {budget:g} s")
                    run = done.get((name, method, budget))
                    if run is None and not (last and last.ended):
                        graph = graph or read(file)
                        run = run_apart(name, graph, method, budget)
                        lines.write(json.dumps(asdict(run)) + "\n")
                        lines.flush()
                    last = run or last
                    progress.advance(task)


def run_apart(name: str, graph: EGraph, method: str, budget: float) -> Run:
    """One run in a process of its own, which the kernel ends if the method does not end by itself."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, graph, method, budget))
    process.start()
    theirs.close()
    try:
        found, seconds = ours.recv()
    except EOFError:
        found, seconds = Found(None), budget
    process.join()
    return Run(
        name,
        graph.node_count,
        method,
        budget,
        round(seconds, 3),
        None if found.choice is None else float(graph.cost_of(found.choice)),
        found.bound if found.bound is None or abs(found.bound) < 1e300 else None,
        found.optimal,
        [(round(when, 3), cost) for when, cost in found.trace],
    )


def _run(pipe: multiprocessing.connection.Connection, graph: EGraph, method: str, budget: float) -> None:
    limit = round(budget) + GRACE_S
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    begin = CLOCK()
    found = METHODS[method](graph, budget)
    pipe.send((found, CLOCK() - begin))


def warm_up() -> None:
    """Compile what is compiled on first use, so that it is not charged to the first run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.json"
        rows = {"a": (1, "0", ["b"]), "c": (2, "0", ["d"]), "b": (1, "1", []), "d": (0, "2", [])}
        content = {
            node: {"op": node, "cost": cost, "eclass": own, "children": below}
            for node, (cost, own, below) in rows.items()
        }
        path.write_text(json.dumps({"nodes": content, "root_eclasses": ["0"]}))
        small, _ = reduced(read_egraph(path))
        dag_greedy(small, 0, CLOCK() + 60, CLOCK)
        Annealer(small, 0).round(tree_greedy(small), 10, 0.5, deadline=CLOCK() + 60, clock=CLOCK)


def read(file: Path) -> EGraph:
    """The e-graph in a file, gzipped or not."""
    if file.suffix != ".gz":
        return read_egraph(file)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.json"
        path.write_bytes(gzip.decompress(file.read_bytes()))
        return read_egraph(path)


def read_runs(lines: Path) -> list[Run]:
    """The runs in a file."""
    return [Run(**json.loads(line)) for line in lines.read_text(encoding="utf-8").splitlines()]


def table(runs: Sequence[Run]) -> None:
    """Print one row for each instance and budget, one column for each method; a star marks a proven optimum."""
    methods = [method for method in METHODS if any(run.method == method for run in runs)]
    print("| instance | nodes | budget s | " + " | ".join(methods) + " |")
    print("|---|---:|---:" + "|---" * len(methods) + "|")
    rows: dict[tuple[str, int, float], dict[str, str]] = {}
    for run in runs:
        cost = "none" if run.cost is None else f"{run.cost:.8g}"
        cell = f"{cost}{'*' if run.optimal else ''} ({run.seconds:.3g} s)"
        rows.setdefault((run.instance, run.nodes, run.budget_s), {})[run.method] = cell
    for (instance, nodes, budget), cells in sorted(rows.items(), key=lambda row: (row[0][1], row[0])):
        print(
            f"| {instance} | {nodes} | {budget:g} | "
            + " | ".join(cells.get(method, "") for method in methods)
            + " |"
        )


def speed(runs: Sequence[Run]) -> None:
    """Print when the plain model reached the best it found, when the expert had that, and the ratio."""
    print(
        "| instance | nodes | plain model: budget s | its best | reached after s | the expert's after s | ratio |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
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
        print(f"| {name} | {longest.nodes} | {longest.budget_s:g} | " + " | ".join(cells) + " |")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Figures of e-graph extraction.")
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="run methods on instances")
    runner.add_argument("--budget", type=float, action="append", help="seconds for each run; repeat it for several")
    runner.add_argument("--method", action="append", choices=list(METHODS), help="a method; repeat it for several")
    runner.add_argument("--out", type=Path, required=True, help="file to which a line for each run is appended")
    runner.add_argument("files", type=Path, nargs="+", help="instances, JSON or gzipped JSON")
    for name, what in (
        ("table", "print lines as a table"),
        ("speed", "print the expert's speed against the plain model"),
    ):
        printer = commands.add_parser(name, help=what)
        printer.add_argument("lines", type=Path, help="file with the lines")
    arguments = parser.parse_args()
    if arguments.command == "run":
        methods, budgets = arguments.method or list(METHODS), arguments.budget or list(BUDGETS)
        run_all(arguments.files, methods, budgets, arguments.out)
    else:
        {"table": table, "speed": speed}[arguments.command](read_runs(arguments.lines))


if __name__ == "__main__":
    main()
