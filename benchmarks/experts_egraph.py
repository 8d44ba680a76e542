"""Figures of e-graph extraction: what each method finds in how much processor time.

Run every method on some instances and append one JSON line for each run; what the file holds already is not run
again, so that it can be interrupted and repeated::

    python benchmarks/experts_egraph.py run --out figures.jsonl FILE...

Methods: tree, dag, anneal, plain (the published integer program in HiGHS), eboost-THETA (1.05, 1.25, 1.5, 2, inf),
cpsat (the whole reduced model) and portfolio; by default all of them. Budgets (10, 60 and 300 by default) are
seconds of processor time, so that figures can be repeated on a shared machine. A run that ends by itself, or finds
a proven optimum, is not repeated with a larger budget. HiGHS does not plan by its budget, so one run of plain or
eboost-THETA with a large budget also tells what it had found at smaller ones.

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

from egraph_figures import UNPLANNED, Run, answer, proven_costs, read_runs, speed, table
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from heurigym.experts.egraph import cpsat, highs
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


def exact(graph: EGraph, budget: float) -> Found:
    """The whole reduced model for CP-SAT, hinted with the choice by tree cost."""
    deadline = CLOCK() + budget
    small, nodes = reduced(graph)
    answer = cpsat.solve(small, deadline - CLOCK(), tree_greedy(small), clock=CLOCK)
    choice = None if answer.choice is None else extend_choice(graph, nodes, answer.choice)
    return Found(choice, answer.bound, answer.optimal)


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
    "cpsat": exact,
    "portfolio": portfolio,
}


def run_all(files: Sequence[Path], methods: Sequence[str], budgets: Sequence[float], out: Path) -> None:
    """Run what is not in ``out`` yet, and append a line for each run."""
    runs = read_runs(out) if out.exists() else []
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
                for budget in sorted(budgets, reverse=method in UNPLANNED):
                    progress.update(task, description=f"{name}, {method}, {budget:g} s")
                    own = [run for run in runs if (run.instance, run.method) == (name, method)]
                    if answer(own, budget, proven_costs(runs)) is None:
                        graph = graph or read(file)
                        runs.append(run_apart(name, graph, method, budget))
                        lines.write(json.dumps(asdict(runs[-1])) + "\n")
                        lines.flush()
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
        for file in arguments.files:
            if not file.is_file():
                parser.error(f"{file}: there is no such file")
        run_all(arguments.files, methods, budgets, arguments.out)
    else:
        print({"table": table, "speed": speed}[arguments.command](read_runs(arguments.lines)))


if __name__ == "__main__":
    main()
