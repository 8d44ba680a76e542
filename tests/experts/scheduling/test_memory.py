"""The parts of the memory expert: exact peaks, one-pass schedules, annealing, bounds, CP-SAT, and real circuits."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_random import problems

from heurigym.experts.mapping.blif import read_blif
from heurigym.experts.scheduling.graph import Ints
from heurigym.experts.scheduling.memory import search as memory_search
from heurigym.experts.scheduling.memory.bounds import combinatorial_bound
from heurigym.experts.scheduling.memory.circuits import circuit_content
from heurigym.experts.scheduling.memory.force import force_directed
from heurigym.experts.scheduling.memory.lists import list_schedules
from heurigym.experts.scheduling.memory.moves import Cooling, anneal
from heurigym.experts.scheduling.memory.problem import MemoryProblem

CHECKOUT = Path(__file__).resolve().parents[3]
PUBLIC = Path(os.environ.get("HEURIGYM_DATA") or CHECKOUT.parent / "shared" / "data") / "technology_mapping"


def slow_peak(problem: MemoryProblem, starts: Ints) -> int:
    graph = problem.graph
    peak = 0
    for step in range(problem.deadline + 1):
        live = 0
        for node in range(problem.nodes):
            uses = [
                int(starts[head]) for tail, head in zip(graph.source, graph.target, strict=True) if tail == node
            ]
            uses += [problem.deadline] if problem.is_output[node] else []
            if uses and starts[node] + graph.latency[node] <= step <= max(uses):
                live += int(problem.bits[node])
        peak = max(peak, live)
    return peak


@given(problem=problems(), seed=st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_every_schedule_is_feasible_and_measured_as_the_rules_say(problem: MemoryProblem, seed: int) -> None:
    schedules = list_schedules(problem)
    schedules["force"] = force_directed(problem)
    schedules["annealed"] = anneal(problem, schedules["ASAP"], Cooling(300), seed)
    for name, starts in schedules.items():
        assert problem.is_feasible(starts), name
        assert problem.peak(starts) == slow_peak(problem, starts), name
        assert problem.peak(starts) >= combinatorial_bound(problem), name
    assert problem.peak(schedules["annealed"]) <= problem.peak(schedules["ASAP"])


def test_annealing_repeats_with_its_seed() -> None:
    problem = ladder_of_sums()
    first, second = (anneal(problem, problem.earliest, Cooling(2000), 7) for _ in range(2))
    assert first.tolist() == second.tolist()


def ladder_of_sums() -> MemoryProblem:
    """Three sums of four inputs each, with time for one after the other, so that only finished sums wait."""
    nodes, edges, outputs = [], [], []
    for group in range(3):
        names = [f"{group}{place}" for place in range(4)]
        nodes += [[name, 1, 8] for name in names] + [[f"s{group}", 1, 8]]
        edges += [[name, f"s{group}"] for name in names]
        outputs.append(f"s{group}")
    return MemoryProblem.of({"deadline": 10, "nodes": nodes, "edges": edges, "outputs": outputs})


def test_cpsat_proves_the_optimum_of_a_small_graph() -> None:
    cpsat = pytest.importorskip("heurigym.experts.scheduling.memory.cpsat", reason="OR-Tools is not installed")
    problem = ladder_of_sums()
    starts, bound = cpsat.solve(problem, problem.earliest, 20.0)
    # The last sum reads its four inputs while two sums wait.
    assert (problem.peak(starts), bound) == (48, 48)
    assert problem.is_feasible(starts)
    best, _ = memory_search.search(problem, 0.5)
    assert best.peak == 48


def test_bounds_are_those_that_no_schedule_escapes() -> None:
    def bound(**changes: Any) -> int:
        content = {"deadline": 6, "nodes": [["a", 1, 4], ["b", 2, 1], ["c", 1, 2]], "outputs": ["c"]}
        content["edges"] = [["a", "c"], ["b", "c"]]
        return combinatorial_bound(MemoryProblem.of(content | changes))

    assert bound() == 5
    assert bound(outputs=["a", "b", "c"]) == 7
    # Without slack, a is live together with the longer chain of b.
    chain = [["a", 1, 4], ["b", 1, 9], ["d", 1, 1], ["c", 1, 2]]
    assert bound(nodes=chain, edges=[["a", "b"], ["b", "d"], ["a", "c"], ["d", "c"]], deadline=4) == 13


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"edges": [["a", "b"], ["b", "a"]]}, "cycle"),
        ({"deadline": 1}, "longest path takes 2"),
        ({"nodes": [["a", 0, 1], ["b", 1, 1]]}, "latency"),
        ({"nodes": [["a", 1, 1], ["b", 1, 1], ["a", 1, 1]]}, "twice"),
    ],
)
def test_what_is_no_instance_is_refused(change: dict[str, Any], words: str) -> None:
    content = {"deadline": 9, "nodes": [["a", 1, 1], ["b", 1, 1]], "edges": [["a", "b"]], "outputs": []}
    with pytest.raises(ValueError, match=words):
        MemoryProblem.of(content | change)


CALIBRATION = {
    "ctrl": (11, 48, 45, 35),
    "int2float": (17, 83, 50, 39),
    "router": (55, 68, 89, 56),
    "cavlc": (17, 204, 168, 129),
    "i2c": (21, 412, 316, 189),
    "adder": (256, 383, 383, 207),
}
"""Deadline, peaks of ASAP and ALAP, and the best of annealing and hinted CP-SAT in 25 s of an earlier study."""


@pytest.mark.parametrize("name", sorted(CALIBRATION))
def test_public_circuits_have_the_known_peaks_and_the_expert_meets_the_best_known(name: str) -> None:
    file = PUBLIC / f"{name}.blif"
    if not file.is_file():
        pytest.skip(f"no public circuits in {PUBLIC.parent}: set HEURIGYM_DATA to the folder that has them")
    deadline, soon, late, known = CALIBRATION[name]
    problem = MemoryProblem.of(circuit_content(name, read_blif(file).aig))
    assert problem.deadline == deadline
    assert problem.peak(problem.earliest) == soon
    assert problem.peak(problem.latest) == late
    best = min(
        problem.peak(anneal(problem, begin, Cooling(300_000), 0)) for begin in (problem.earliest, problem.latest)
    )
    assert combinatorial_bound(problem) <= best <= known
