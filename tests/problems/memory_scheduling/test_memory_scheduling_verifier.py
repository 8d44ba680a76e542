"""The verifier against an independent reference, hostile bytes, and the cases that the folder declares."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_scheduling_support import PROBLEM, stored_solution, unpacked, verify

from heurigym.problems import Outcome
from heurigym.problems.spec import CaseFile, parse_yaml

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
TINY = PROBLEM.folder / "cases" / "tiny.json"
LARGEST = "eval23_50000"


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 8))
    nodes = [[f"n{index}", draw(st.integers(1, 3)), draw(st.integers(0, 9))] for index in range(count)]
    pairs = [(tail, head) for head in range(count) for tail in range(head)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12)) if pairs else []
    return {
        "name": "drawn",
        "deadline": sum(steps for _, steps, _ in nodes) + draw(st.integers(0, 3)),
        "nodes": draw(st.permutations(nodes)),
        "edges": [[f"n{tail}", f"n{head}"] for tail, head in chosen],
        "outputs": draw(st.lists(st.sampled_from([node for node, _, _ in nodes]), unique=True)),
    }


def slow_verdict(graph: dict[str, Any], starts: dict[str, int]) -> tuple[Outcome, int | None]:
    """The rules of the statement, step by step and value by value."""
    latency = {node: steps for node, steps, _ in graph["nodes"]}
    for node, start in starts.items():
        if start < 0 or start + latency[node] > graph["deadline"]:
            return Outcome.INFEASIBLE, None
        if any(head == node and starts[tail] + latency[tail] > start for tail, head in graph["edges"]):
            return Outcome.INFEASIBLE, None
    peak = 0
    for step in range(graph["deadline"] + 1):
        live = 0
        for node, _, bits in graph["nodes"]:
            uses = [starts[head] for tail, head in graph["edges"] if tail == node]
            if node in graph["outputs"]:
                uses.append(graph["deadline"])
            if uses and starts[node] + latency[node] <= step <= max(uses):
                live += bits
        peak = max(peak, live)
    return Outcome.FEASIBLE, peak


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_agrees_with_the_rules_checked_step_by_step(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    graph = data.draw(graphs())
    starts: dict[str, int] = {}
    for node, _, _ in sorted(graph["nodes"], key=lambda row: int(row[0][1:])):
        latency = {name: steps for name, steps, _ in graph["nodes"]}
        ready = max((starts[tail] + latency[tail] for tail, head in graph["edges"] if head == node), default=0)
        starts[node] = ready + data.draw(st.sampled_from((0, 0, 0, 1, 2)))
    if data.draw(st.booleans()):
        starts[data.draw(st.sampled_from(sorted(starts)))] += data.draw(st.integers(-3, 3))
    folder = tmp_path_factory.getbasetemp()
    instance, solution = folder / "drawn.json", folder / "drawn.txt"
    instance.write_text(json.dumps(graph))
    solution.write_text("".join(f"{node}:{start}\n" for node, start in starts.items()))
    verdict = verify(instance, solution)
    assert (verdict.outcome, verdict.objective) == slow_verdict(graph, starts)


@given(content=st.binary(max_size=400) | st.text(alphabet="abc123:.-+e \n\t\rN", max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_answers_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    solution = tmp_path_factory.getbasetemp() / "hostile.txt"
    solution.write_bytes(content)
    verdict = verify(TINY, solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert (verdict.objective is not None) == (verdict.outcome is Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@given(nodes=st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=8), start=st.integers(-5, 20))
@settings(max_examples=100, deadline=None)
def test_only_exactly_all_nodes_are_well_formed(
    nodes: list[str], start: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    solution = tmp_path_factory.getbasetemp() / "nodes.txt"
    solution.write_text("".join(f"{node}:{start}\n" for node in nodes))
    exact = sorted(nodes) == ["a", "b", "c", "d", "e"]
    assert (verify(TINY, solution).outcome is Outcome.MALFORMED) != exact


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.solution)
def test_gives_each_case_its_declared_verdict(case: Any) -> None:
    verdict = verify(PROBLEM.folder / f"{case.instance}.json", PROBLEM.folder / "cases" / case.solution)
    assert (verdict.outcome, verdict.objective) == (case.outcome, case.objective)
    assert (case.message or "") in verdict.message


def test_every_solution_in_the_cases_folder_is_declared() -> None:
    assert {path.name for path in (PROBLEM.folder / "cases").glob("*.txt")} == {case.solution for case in CASES}


def test_the_statement_shows_a_solution_and_its_live_bits(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```\w+ (example:\w+)\n(.*?)```", PROBLEM.statement, re.DOTALL))
    (tmp_path / "input.json").write_text(blocks["example:input"])
    (tmp_path / "solution.txt").write_text(blocks["example:solution"])
    verdict = verify(tmp_path / "input.json", tmp_path / "solution.txt")
    assert verdict.objective == PROBLEM.spec.example.objective
    assert json.loads(blocks["example:input"]) == json.loads(
        (PROBLEM.folder / "cases" / "sum_of_products.json").read_text()
    )
    rows = re.findall(r"^\| bits \|(.*)\|$", PROBLEM.statement, re.MULTILINE)
    assert max(int(cell) for cell in rows[0].split("|")) == verdict.objective


def test_a_deadline_of_any_size_takes_no_longer(tmp_path: Path) -> None:
    instance = json.loads(TINY.read_text())
    later = 10**39
    instance["deadline"] += later
    (tmp_path / "far.json").write_text(json.dumps(instance))
    starts = {"b": 0, "a": 1, "c": 2, "d": 2, "e": 5 + later}
    (tmp_path / "far.txt").write_text("".join(f"{node}:{start}\n" for node, start in starts.items()))
    assert verify(tmp_path / "far.json", tmp_path / "far.txt").objective == 7


def test_huge_starts_on_the_largest_graph_are_only_infeasible(tmp_path: Path) -> None:
    lines = stored_solution(LARGEST, tmp_path).read_text().split()
    solution = tmp_path / "late.txt"
    solution.write_text("".join(f"{line}{'0' * 30}\n" for line in lines))
    assert verify(unpacked(LARGEST, tmp_path), solution).outcome is Outcome.INFEASIBLE


def test_a_path_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(PROBLEM.folder / "cases" / "optimal.txt")
    assert verify(TINY, tmp_path / "link.txt").outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("nodes", [["a", 1, 4], ["a", 1, 4]], "an id is there twice"),
        ("nodes", [["a", 0, 4]], "latency"),
        ("nodes", [["a", True, 4]], "latency"),
        ("nodes", [["a", 1, -1]], "width"),
        ("nodes", [["a", 1, 0.5]], "width"),
        ("edges", [["a", "z"]], "no such node: z"),
        ("outputs", ["z"], "no such node: z"),
        ("deadline", 6.0, "deadline"),
    ],
)
def test_a_corrupt_instance_is_not_blamed_on_the_solution(
    field: str, value: object, words: str, tmp_path: Path
) -> None:
    content = {"name": "", "deadline": 6, "nodes": [["a", 1, 4]], "edges": [], "outputs": []} | {field: value}
    (tmp_path / "corrupt.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=words):
        verify(tmp_path / "corrupt.json", PROBLEM.folder / "cases" / "optimal.txt")
