"""The verifier against an independent reference, hostile bytes, and the cases that the folder declares."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operator_scheduling_support import PROBLEM, module, stored_solution, unpacked, verify

from heurigym.problems import Outcome
from heurigym.problems.spec import CaseFile, parse_yaml

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
TINY = PROBLEM.folder / "cases" / "tiny.json"


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    kinds = ["mul", "add", "div"][: draw(st.integers(1, 3))]
    count = draw(st.integers(1, 9))
    nodes = [[f"n{index}", draw(st.sampled_from(kinds))] for index in range(count)]
    pairs = [(tail, head) for head in range(count) for tail in range(head)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12)) if pairs else []
    return {
        "name": "drawn",
        "delay": {kind: draw(st.integers(1, 4)) for kind in kinds},
        "resource": {kind: draw(st.integers(1, 2)) for kind in kinds},
        "nodes": draw(st.permutations(nodes)),
        "edges": [[f"n{tail}", f"n{head}", "0"] for tail, head in chosen],
    }


def slow_verdict(graph: dict[str, Any], starts: dict[str, int]) -> tuple[Outcome, int | None]:
    """The rules of the statement, cycle by cycle."""
    kind = dict(graph["nodes"])
    delay = {node: graph["delay"][kind[node]] for node in kind}
    latency = max(starts[node] + delay[node] for node in kind)
    for node, start in starts.items():
        if start < 0:
            return Outcome.INFEASIBLE, None
        if any(head == node and starts[tail] + delay[tail] > start for tail, head, _ in graph["edges"]):
            return Outcome.INFEASIBLE, None
    for cycle in range(latency):
        for name, units in graph["resource"].items():
            occupied = [n for n in kind if kind[n] == name and starts[n] <= cycle < starts[n] + delay[n]]
            if len(occupied) > units:
                return Outcome.INFEASIBLE, None
    return Outcome.FEASIBLE, latency


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_rules_checked_cycle_by_cycle(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    graph = data.draw(graphs())
    lists = module("list_scheduling")
    numbered = lists.Graph.from_json(graph)
    names = [node for node, _ in graph["nodes"]]
    feasible = lists.parallel_schedule(numbered, data.draw(st.permutations(range(len(names)))))
    starts = dict(zip(names, feasible, strict=True))
    for node in data.draw(st.lists(st.sampled_from(names), max_size=2)):
        starts[node] += data.draw(st.integers(-3, 3))
    folder = tmp_path_factory.getbasetemp()
    instance, solution = folder / "drawn.json", folder / "drawn.txt"
    instance.write_text(json.dumps(graph))
    solution.write_text("".join(f"{node}:{start}\n" for node, start in starts.items()))
    verdict = verify(instance, solution)
    assert (verdict.outcome, verdict.objective) == slow_verdict(graph, starts)


@given(content=st.binary(max_size=400) | st.text(alphabet="ma123:.-+e \n\t\rN", max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_answers_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    solution = tmp_path_factory.getbasetemp() / "hostile.txt"
    solution.write_bytes(content)
    verdict = verify(TINY, solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert (verdict.objective is not None) == (verdict.outcome is Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@given(nodes=st.lists(st.sampled_from(["m1", "m2", "m3", "a1", "a2"]), max_size=8), start=st.integers(-5, 20))
@settings(max_examples=100, deadline=None)
def test_only_exactly_all_nodes_are_well_formed(
    nodes: list[str], start: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    solution = tmp_path_factory.getbasetemp() / "nodes.txt"
    solution.write_text("".join(f"{node}:{start}\n" for node in nodes))
    exact = sorted(nodes) == ["a1", "a2", "m1", "m2", "m3"]
    assert (verify(TINY, solution).outcome is Outcome.MALFORMED) != exact


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.solution)
def test_gives_each_case_its_declared_verdict(case: Any) -> None:
    assert case.instance == "cases/tiny"
    verdict = verify(TINY, PROBLEM.folder / "cases" / case.solution)
    assert (verdict.outcome, verdict.objective) == (case.outcome, case.objective)
    assert (case.message or "") in verdict.message


def test_every_solution_in_the_cases_folder_is_declared() -> None:
    assert {path.name for path in (PROBLEM.folder / "cases").glob("*.txt")} == {case.solution for case in CASES}


def test_the_statement_shows_a_feasible_solution_of_its_own_example(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```\w+ (example:\w+)\n(.*?)```", PROBLEM.statement, re.DOTALL))
    (tmp_path / "input.json").write_text(blocks["example:input"])
    (tmp_path / "solution.txt").write_text(blocks["example:solution"])
    verdict = verify(tmp_path / "input.json", tmp_path / "solution.txt")
    assert verdict.objective == PROBLEM.spec.example.objective


def test_huge_starts_on_the_largest_graph_are_only_long(tmp_path: Path) -> None:
    instance = unpacked("eval25_50000", tmp_path)
    lines = stored_solution("eval25_50000", tmp_path).read_text().split()
    starts = {node: int(start) for node, start in (line.split(":") for line in lines)}
    later = 10**39
    solution = tmp_path / "late.txt"
    solution.write_text("".join(f"{node}:{start + later}\n" for node, start in starts.items()))
    expected = PROBLEM.baselines["eval25_50000"].objective
    assert verify(instance, solution).objective == expected + later


def test_a_path_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(PROBLEM.folder / "cases" / "optimal.txt")
    assert verify(TINY, tmp_path / "link.txt").outcome is Outcome.MALFORMED


def test_a_corrupt_instance_is_not_blamed_on_the_solution(tmp_path: Path) -> None:
    content = json.loads(TINY.read_text())
    content["nodes"].append(["m1", "mul"])
    (tmp_path / "twice.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="an id is there twice"):
        verify(tmp_path / "twice.json", PROBLEM.folder / "cases" / "optimal.txt")
