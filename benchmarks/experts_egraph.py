"""Figures of e-graph extraction: what each method finds in how much processor time.

Run some methods on some instances and append one JSON line for each run::

    python benchmarks/experts_egraph.py run --budget 10 --method portfolio --out figures.jsonl FILE...

Methods: tree, dag, anneal, plain (the published integer program in HiGHS), eboost-THETA (1.05, 1.25, 1.5, 2, inf),
portfolio; by default all of them. Budgets are seconds of processor time of one thread, so that figures can be
repeated on a shared machine. Then print the lines as a Markdown table::

    python benchmarks/experts_egraph.py table figures.jsonl
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from heurigym.experts.egraph import highs
from heurigym.experts.egraph.annealing import Annealer
from heurigym.experts.egraph.graph import EGraph, Ints, read_egraph
from heurigym.experts.egraph.greedy import dag_greedy, tree_greedy
from heurigym.experts.egraph.parts import eboost
from heurigym.experts.egraph.portfolio import THETAS, extract
from heurigym.experts.egraph.reduction import extend_choice, reduced

CLOCK = time.process_time
Found = tuple[Ints | None, float | None, bool, float | None]
"""Choice, bound where one is proven, whether it is met, and when the choice was found where that is known."""


def tree(graph: EGraph, budget: float) -> Found:
    """Bottom-up by tree cost."""
    small, nodes = reduced(graph)
    return extend_choice(graph, nodes, tree_greedy(small)), None, False, None


def dag(graph: EGraph, budget: float) -> Found:
    """Bottom-up by DAG cost."""
    small, nodes = reduced(graph)
    return extend_choice(graph, nodes, dag_greedy(small, 0, CLOCK() + budget, CLOCK)), None, False, None


def anneal(graph: EGraph, budget: float) -> Found:
    """Annealing alone, one round that fills the budget."""
    deadline = CLOCK() + budget
    small, nodes = reduced(graph)
    annealer = Annealer(small, 0)
    choice = annealer.round(tree_greedy(small), 1_000_000_000, 0.5, deadline=deadline, clock=CLOCK)
    return extend_choice(graph, nodes, choice), None, False, None


def plain(graph: EGraph, budget: float) -> Found:
    """The published integer program, without reductions and without a start."""
    answer = highs.solve(graph, budget, plain=True, clock=CLOCK)
    return answer.choice, answer.bound, answer.optimal, None


def pruned(theta: float) -> Callable[[EGraph, float], Found]:
    """e-boost at one threshold; only without pruning is its bound one of the instance."""

    def run(graph: EGraph, budget: float) -> Found:
        answer = eboost(graph, theta, budget, highs.solve, clock=CLOCK)
        whole = theta == THETAS[-1]
        return answer.choice, answer.bound if whole else None, answer.optimal and whole, None

    return run


def portfolio(graph: EGraph, budget: float) -> Found:
    """The expert."""
    found = extract(graph, budget, 0, clock=CLOCK)
    return found.choice, found.bound, found.optimal, found.improvements[-1].seconds


METHODS: dict[str, Callable[[EGraph, float], Found]] = {
    "tree": tree,
    "dag": dag,
    "anneal": anneal,
    "plain": plain,
    **{f"eboost-{theta:g}": pruned(theta) for theta in THETAS},
    "portfolio": portfolio,
}


def run(files: list[Path], methods: list[str], budget: float, out: Path) -> None:
    """Run the methods and append a line for each run."""
    warm_up()
    for file in files:
        graph = read(file)
        for method in methods:
            begin = CLOCK()
            choice, bound, optimal, reached = METHODS[method](graph, budget)
            seconds = CLOCK() - begin
            line = {
                "instance": file.name.split(".json")[0],
                "nodes": graph.node_count,
                "method": method,
                "budget_s": budget,
                "seconds": round(seconds, 3),
                "cost": None if choice is None else float(graph.cost_of(choice)),
                "bound": bound if bound is None or abs(bound) < 1e300 else None,
                "optimal": optimal,
                "reached_s": None if reached is None else round(reached, 3),
            }
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(line) + "\n")
            print(line, flush=True)


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
        extract(read_egraph(path), 0.5)


def read(file: Path) -> EGraph:
    """The e-graph in a file, gzipped or not."""
    if file.suffix != ".gz":
        return read_egraph(file)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.json"
        path.write_bytes(gzip.decompress(file.read_bytes()))
        return read_egraph(path)


def table(lines: Path) -> None:
    """Print one row for each instance and budget, one column for each method; a star marks a proven optimum."""
    runs = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    methods = [method for method in METHODS if any(run["method"] == method for run in runs)]
    print("| instance | nodes | budget | " + " | ".join(methods) + " |")
    print("|---" * (3 + len(methods)) + "|")
    rows: dict[tuple[str, int, float], dict[str, str]] = {}
    for line in runs:
        cost = "none" if line["cost"] is None else f"{line['cost']:.8g}"
        reached = f"found at {line['reached_s']:.3g}, " if line.get("reached_s") is not None else ""
        cell = f"{cost}{'*' if line['optimal'] else ''} ({reached}{line['seconds']:.3g} s)"
        rows.setdefault((line["instance"], line["nodes"], line["budget_s"]), {})[line["method"]] = cell
    for (instance, nodes, budget), cells in rows.items():
        print(
            f"| {instance} | {nodes} | {budget:g} | "
            + " | ".join(cells.get(method, "") for method in methods)
            + " |"
        )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Figures of e-graph extraction.")
    commands = parser.add_subparsers(dest="command", required=True)
    runner = commands.add_parser("run", help="run methods on instances")
    runner.add_argument("--budget", type=float, default=10, help="seconds of processor time for each run")
    runner.add_argument("--method", action="append", choices=list(METHODS), help="a method; repeat it for several")
    runner.add_argument("--out", type=Path, required=True, help="file to which a line for each run is appended")
    runner.add_argument("files", type=Path, nargs="+", help="instances, JSON or gzipped JSON")
    printer = commands.add_parser("table", help="print lines as a table")
    printer.add_argument("lines", type=Path, help="file with the lines")
    arguments = parser.parse_args()
    if arguments.command == "table":
        table(arguments.lines)
    else:
        run(arguments.files, arguments.method or list(METHODS), arguments.budget, arguments.out)


if __name__ == "__main__":
    main()
