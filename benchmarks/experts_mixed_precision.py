"""Figures of bit allocation: curves of loss and accuracy on measured networks, and the quality of simple methods.

    python benchmarks/experts_mixed_precision.py --out runs/mixed_precision.jsonl --picture curves.svg

Each result is appended to the file at once; run again, it computes what is missing. Then the picture is drawn and
the tables are printed as Markdown. Accuracy is that of the quantised network on test samples. Needs
heurigym[experts] and matplotlib.
"""

import argparse
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from heurigym.experts.quantization.allocation import BitAllocation, Floats, Ints, from_json
from heurigym.experts.quantization.allocation_additive import bucket_frontier, integer_program, pareto_frontier
from heurigym.experts.quantization.allocation_portfolio import allocate
from heurigym.experts.quantization.allocation_simple import greedy, in_order, uniform
from heurigym.problems.problem import load_problem

PROBLEM = load_problem(Path(__file__).resolve().parents[1] / "problems" / "mixed_precision")
WIDTHS = (2, 3, 4, 6, 8)
MEAN_BITS = (2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
"""Sizes of the curves, in bits for each weight."""

BUCKETS = 2000
METHODS = ("uniform", "HAWQ", "HAWQ-V2", "ZeroQ", "exact")
SIMPLE = ("uniform", "order", "greedy", "additive")
_SMALLEST = 10
_SHORT_S = 2.0

Line = dict[str, Any]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="file to which a line for each result is appended")
    parser.add_argument("--picture", type=Path, help="SVG file for the curves")
    parser.add_argument("--budget", type=float, default=3.0, help="seconds of processor time of the expert")
    options = parser.parse_args()
    console = Console(stderr=True)
    known = _read(options.out)
    done = {_key(line) for line in known}
    networks = _networks()
    jobs = [
        job for job in (*_curve_jobs(networks, options.budget), *_instance_jobs()) if (job[0], job[1]) not in done
    ]
    most = sum(job[2] for job in jobs)
    console.print(f"{len(jobs)} results are missing; they take at most {most / 60:.0f} minutes of processor time")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for kind, name, _, work in track(jobs, description="computing", console=console):
        line = {"kind": kind, "name": name, **work()}
        with options.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        known.append(line)
    if options.picture:
        draw([line for line in known if line["kind"] == "curve"], options.picture)
    print(curve_table([line for line in known if line["kind"] == "curve"]))
    print(quality_table([line for line in known if line["kind"] == "instance"]))


Job = tuple[str, str, float, Callable[[], Line]]
"""Kind, name, most seconds, and what computes a line."""


def _read(path: Path) -> list[Line]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _key(line: Line) -> tuple[str, str]:
    return line["kind"], line["name"]


def _networks() -> list[Line]:
    documents = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(PROBLEM.folder.glob("networks/*.json"))
    ]
    return [document for document in documents if len(document["layers"]) >= _SMALLEST]


def _curve_jobs(networks: Sequence[Line], budget: float) -> Iterator[Job]:
    for document in networks:
        for bits in MEAN_BITS:
            for method in METHODS:
                most = budget + _SHORT_S if method == "exact" else _SHORT_S
                name = f"{document['name']} {bits:g} {method}"

                def work(document: Line = document, bits: float = bits, method: str = method) -> Line:
                    return _point(document, bits, method, budget)

                yield "curve", name, most, work


def _instance_jobs() -> Iterator[Job]:
    for instance in PROBLEM.instances("eval"):

        def work(name: str = instance.name, content: bytes = instance.read()[0]) -> Line:
            return _qualities(name, json.loads(content))

        yield "instance", instance.name, _SHORT_S, work


def _point(document: Line, bits: float, method: str, budget: float) -> Line:
    """One method on one network at one size: the quadratic form, and the test samples."""
    from heurigym.experts.quantization import evaluation, store

    share = (bits - WIDTHS[0]) / (WIDTHS[-1] - WIDTHS[0])
    recipe = _generator().Recipe(document["name"], "measured", WIDTHS, (8,), "micro", {"size": share})
    problem = from_json(recipe.make(document["name"]))
    choice = ALLOCATORS[method](problem, document, budget)
    trained = store.load(document["name"])
    pairs = problem.choices[choice[problem.unit_of]].tolist()
    tested = evaluation.evaluate(trained, [pairs])[0]
    return {
        "network": document["name"],
        "bits": bits,
        "method": method,
        "size": int(problem.used(choice)[0]),
        "form": problem.total(choice),
        "accuracy": tested.accuracy,
        "loss_increase": tested.loss_increase,
        "divergence": tested.divergence,
        "full_accuracy": document["accuracy"],
    }


def _by_unit(problem: BitAllocation, rows: Sequence[Sequence[float]]) -> Floats:
    """Values of layers, summed over the layers of each unit."""
    values = np.array(rows, dtype=np.float64)
    total = np.zeros((problem.unit_count, values.shape[1]))
    np.add.at(total, problem.unit_of, values)
    return total


def _eigenvalue_order(problem: BitAllocation, document: Line, budget: float) -> Ints:
    rows = [[layer["top_eigenvalue"] / layer["parameters"]] for layer in document["layers"]]
    return in_order(problem, _by_unit(problem, rows)[:, 0])


def _trace_frontier(problem: BitAllocation, document: Line, budget: float) -> Ints:
    rows = [
        [max(0.0, layer["average_trace"]) * layer["perturbation"][str(width)] for width in WIDTHS]
        for layer in document["layers"]
    ]
    return pareto_frontier(_by_unit(problem, rows), problem.use[0]).within(int(problem.budgets[0]))


def _divergence_frontier(problem: BitAllocation, document: Line, budget: float) -> Ints:
    rows = [[layer["kl"][str(width)] for width in WIDTHS] for layer in document["layers"]]
    limit = int(problem.budgets[0])
    return bucket_frontier(_by_unit(problem, rows), problem.use[0], limit, BUCKETS).within(limit)


def _expert(problem: BitAllocation, document: Line, budget: float) -> Ints:
    return allocate(problem, budget, 0, time.process_time).choice


ALLOCATORS: dict[str, Callable[[BitAllocation, Line, float], Ints]] = {
    "uniform": lambda problem, document, budget: uniform(problem),
    "HAWQ": _eigenvalue_order,
    "HAWQ-V2": _trace_frontier,
    "ZeroQ": _divergence_frontier,
    "exact": _expert,
}
"""Methods by name; ``exact`` minimises the quadratic form with all couplings."""


def _qualities(name: str, content: Line) -> Line:
    """What simple methods reach on an instance of the eval split, against the stored expert value."""
    problem = from_json(content)
    answer = integer_program(problem, _SHORT_S, clock=time.process_time)
    found = {
        "uniform": uniform(problem),
        "order": in_order(problem, problem.loss.max(axis=1).astype(np.float64)),
        "greedy": greedy(problem),
        "additive": answer.choice if answer.choice is not None else greedy(problem),
    }
    best = PROBLEM.baselines[name].objective
    return {
        "form": content["form"],
        "origin": content["origin"],
        "layers": len(content["layers"]),
        "expert": best,
        "bound": PROBLEM.baselines[name].bound,
        **{method: min(1.0, best / problem.total(choice)) for method, choice in found.items()},
    }


def _generator() -> ModuleType:
    if "mixed_precision_generate" not in sys.modules:
        sys.path.insert(0, str(PROBLEM.folder))
        spec = importlib.util.spec_from_file_location("mixed_precision_generate", PROBLEM.folder / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["mixed_precision_generate"] = module
        spec.loader.exec_module(module)
    return sys.modules["mixed_precision_generate"]


def draw(lines: Sequence[Line], path: Path) -> None:
    """Divergence and accuracy against size, a column for each network, as an SVG file."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "heurigym"
    from matplotlib import pyplot

    networks = sorted({line["network"] for line in lines})
    figure, axes = pyplot.subplots(2, len(networks), figsize=(3.4 * len(networks), 6), squeeze=False)
    markers = dict(zip(METHODS, "so^vD", strict=True))
    for column, network in enumerate(networks):
        for method in METHODS:
            points = sorted(
                (line for line in lines if (line["network"], line["method"]) == (network, method)),
                key=lambda line: line["bits"],
            )
            sizes = [line["size"] / 8192 for line in points]
            style = {"marker": markers[method], "markersize": 4, "linewidth": 1, "label": method}
            axes[0, column].plot(sizes, [max(1e-5, line["divergence"]) for line in points], **style)
            axes[1, column].plot(sizes, [100 * line["accuracy"] for line in points], **style)
        full = next(line["full_accuracy"] for line in lines if line["network"] == network)
        axes[1, column].axhline(100 * full, color="grey", linewidth=0.8, linestyle=":")
        axes[0, column].set(title=network, yscale="log")
        axes[1, column].set_xlabel("size of the weights, KiB")
    axes[0, 0].set_ylabel("divergence on test data, nats")
    axes[1, 0].set_ylabel("accuracy on test data, %")
    axes[0, 0].legend(fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})


def curve_table(lines: Sequence[Line]) -> str:
    """Divergence and accuracy of each method, by network and size, as Markdown."""
    rows = ["| network | bits a weight | " + " | ".join(METHODS) + " |", "|---" * (2 + len(METHODS)) + "|"]
    for network, bits in sorted({(line["network"], line["bits"]) for line in lines}):
        cells = []
        for method in METHODS:
            found = [
                line for line in lines if (line["network"], line["bits"], line["method"]) == (network, bits, method)
            ]
            cells.append(f"{found[0]['divergence']:.3g} ({100 * found[0]['accuracy']:.1f} %)" if found else "")
        rows.append(f"| {network} | {bits:g} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def quality_table(lines: Sequence[Line]) -> str:
    """Quality of simple methods on the eval split, and their means, as Markdown."""
    rows = ["| instance | layers | expert | bound | " + " | ".join(SIMPLE) + " |", "|---" * (4 + len(SIMPLE)) + "|"]
    for line in sorted(lines, key=lambda line: line["name"]):
        bound = line["bound"]
        shown = "" if bound is None else "optimal" if bound == line["expert"] else str(bound)
        values = " | ".join(f"{line[method]:.3f}" for method in SIMPLE)
        rows.append(f"| {line['name']} | {line['layers']} | {line['expert']} | {shown} | {values} |")
    for label, chosen in (
        ("mean", list(lines)),
        ("mean, pairwise", [line for line in lines if line["form"] == "pairwise"]),
    ):
        if chosen:
            means = " | ".join(f"{statistics.mean(line[method] for line in chosen):.3f}" for method in SIMPLE)
            rows.append(f"| {label} | {len(chosen)} instances | | | {means} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
