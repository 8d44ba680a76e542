"""The expert: iterated list scheduling, then OR-Tools CP-SAT from the best schedule that it found.

CP-SAT is part of the extra ``heurigym[baselines]``. Bounds are the larger of CP-SAT's and the combinatorial one.
"""

import argparse
import importlib.metadata
import json
import math
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from list_scheduling import Graph, justified, latency, parallel_schedule

SOLVER_NODES = 20_000
"""CP-SAT is used on graphs of at most this many nodes; on larger ones it does not improve a list schedule."""
LIST_SHARE = 0.4
"""Share of the time that list scheduling gets where CP-SAT is used."""
LIST_VERSION = "1"
FRESH_SHARE = 0.1
"""Share of the steps of list scheduling that draw a new priority."""
WORKERS = 8
"""With fewer CP-SAT has no neighbourhoods beside its searches."""


def solve(instance: Sequence[Path], seconds: float, seed: int) -> tuple[str, dict[str, Any]]:
    """The best schedule found in about ``seconds``, as a solution's text, and what is known of it.

    Returns:
        The text of the solution and a mapping with ``objective``, ``bound``, ``optimal``, ``solver``, ``version``.

    Raises:
        ModuleNotFoundError: OR-Tools is not installed.
    """
    cp_model, version = _import_solver()
    began = time.monotonic()
    content = json.loads(instance[0].read_text(encoding="utf-8"))
    graph = Graph.from_json(content)
    use_solver = len(graph) <= SOLVER_NODES
    share = LIST_SHARE if use_solver else 1.0
    starts = search_lists(graph, began + share * seconds, random.Random(seed))
    bound = graph.bound
    solver = "list scheduling with forward-backward passes"
    used = LIST_VERSION
    if use_solver and latency(graph, starts) > bound:
        left = max(1.0, began + seconds - time.monotonic())
        exact, proven = _solve_exactly(cp_model, graph, starts, left, seed)
        bound = max(bound, proven)
        starts = min(starts, exact, key=lambda candidate: latency(graph, candidate))
        solver, used = "OR-Tools CP-SAT hinted with list scheduling", version
    names = [node for node, _ in content["nodes"]]
    text = "".join(f"{name}:{start}\n" for name, start in zip(names, starts, strict=True))
    info = {
        "objective": latency(graph, starts),
        "bound": bound,
        "optimal": latency(graph, starts) == bound,
        "solver": solver,
        "version": used,
    }
    return text, info


def search_lists(graph: Graph, deadline: float, source: random.Random) -> Sequence[int]:
    """The best schedule of a small population, improved until the ``deadline`` on the monotonic clock.

    The population starts from list schedules with several priorities, at least one of them whatever the deadline.
    Each step disturbs the starts of one member, half of the time the best, or draws a new priority, schedules with
    it and improves by forward-backward passes; the result replaces the member, or the worst one if the priority was
    new, when it is better and sometimes when it is equal.
    """
    population: list[tuple[int, Sequence[int]]] = []
    for priority in _priorities(graph, source):
        if not population or time.monotonic() < deadline:
            population.append(_improved(graph, priority, 4))
    while min(population)[0] > graph.bound and time.monotonic() < deadline:
        if source.random() < FRESH_SHARE:
            place = population.index(max(population))
            priority = _weighted_tail(graph, source)
        else:
            best = population.index(min(population))
            place = source.choice((best, source.randrange(len(population))))
            length, starts = population[place]
            spread = length * source.choice((0.01, 0.02, 0.05, 0.1, 0.2))
            priority = [-start - source.uniform(0, spread) for start in starts]
        candidate = _improved(graph, priority, source.choice((2, 4, 8)))
        gain = population[place][0] - candidate[0]
        if gain > 0 or (gain == 0 and source.random() < 0.5):
            population[place] = candidate
    return min(population)[1]


def _improved(graph: Graph, priority: Sequence[float], passes: int) -> tuple[int, Sequence[int]]:
    starts = justified(graph, parallel_schedule(graph, priority), passes)
    return latency(graph, starts), starts


def _priorities(graph: Graph, source: random.Random) -> list[Sequence[float]]:
    """Longest path to the end, earliest start, least slack, fan-out, longest operation first, and random ones."""
    return [
        graph.tail,
        [-head for head in graph.head],
        [tail + head for head, tail in zip(graph.head, graph.tail, strict=True)],
        [tail - head for head, tail in zip(graph.head, graph.tail, strict=True)],
        [tail + len(targets) for tail, targets in zip(graph.tail, graph.successors, strict=True)],
        [tail * cycles for tail, cycles in zip(graph.tail, graph.duration, strict=True)],
        _weighted_tail(graph, source),
        [source.random() for _ in graph.duration],
    ]


def _weighted_tail(graph: Graph, source: random.Random) -> list[float]:
    """Longest paths with the cycles of each type weighted at random, for some types are scarcer than others."""
    weights = [cycles * math.exp(source.gauss(0.0, 0.8)) for cycles in graph.delay]
    fan_out = source.uniform(0.0, 1.0)
    tail = [weights[kind] for kind in graph.kind]
    for node in reversed(graph.order):
        following = [tail[target] for target in graph.successors[node]]
        if following:
            longest = max(following)
            tail[node] += longest + fan_out * (sum(following) - longest) / len(following)
    return tail


def _import_solver() -> tuple[Any, str]:
    try:
        from ortools.sat.python import cp_model
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the baseline of operator_scheduling needs OR-Tools: pip install 'heurigym[baselines]'"
        ) from error
    return cp_model, importlib.metadata.version("ortools")


def _solve_exactly(
    cp_model: Any, graph: Graph, hint: Sequence[int], seconds: float, seed: int
) -> tuple[Sequence[int], int]:
    """CP-SAT's best schedule, the hint if it found none, and its lower bound on the latency."""
    model = cp_model.CpModel()
    horizon = latency(graph, hint)
    starts = [
        model.new_int_var(graph.head[node], horizon - graph.tail[node], f"s{node}") for node in range(len(graph))
    ]
    end = model.new_int_var(graph.bound, horizon, "end")
    for node, start in enumerate(starts):
        for target in graph.successors[node]:
            model.add(starts[target] >= start + graph.duration[node])
        if not graph.successors[node]:
            model.add(end >= start + graph.duration[node])
    for kind, units in enumerate(graph.units):
        nodes = [node for node, own in enumerate(graph.kind) if own == kind]
        if len(nodes) <= units:
            continue
        intervals = [
            model.new_fixed_size_interval_var(starts[node], graph.delay[kind], f"i{node}") for node in nodes
        ]
        if units == 1:
            model.add_no_overlap(intervals)
        else:
            model.add_cumulative(intervals, [1] * len(nodes), units)
    model.minimize(end)
    for node, start in enumerate(starts):
        model.add_hint(start, hint[node])
    model.add_hint(end, horizon)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = WORKERS
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return hint, graph.bound
    return [solver.value(start) for start in starts], math.ceil(solver.best_objective_bound)


def main() -> None:
    """Command line: solve one instance and print what is known of the solution."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("instance", type=Path, help="an instance file, not gzipped")
    parser.add_argument("--time", type=float, default=60.0, help="seconds")
    parser.add_argument("--seed", type=int, default=0, help="random seed")
    parser.add_argument("--out", type=Path, help="file to write the solution to")
    arguments = parser.parse_args()
    text, info = solve([arguments.instance], arguments.time, arguments.seed)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    print(json.dumps(info))


if __name__ == "__main__":
    main()
