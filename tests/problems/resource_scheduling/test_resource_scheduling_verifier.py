"""The verifier against an independent reference, hostile bytes, corrupt instances, and the declared cases."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resource_scheduling_support import PROBLEM, verify

from heurigym.problems import Outcome
from heurigym.problems.spec import CaseFile, parse_yaml

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
TINY = PROBLEM.folder / "cases" / "tiny.json"
OPTIMAL = PROBLEM.folder / "cases" / "optimal.txt"


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    kinds = ["mul", "add", "div"][: draw(st.integers(1, 3))]
    count = draw(st.integers(0, 9))
    pairs = [(tail, head) for head in range(count) for tail in range(head)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12)) if pairs else []
    delay = {kind: draw(st.integers(1, 4)) for kind in kinds}
    return {
        "name": "drawn",
        "delay": delay,
        "occupancy": {kind: draw(st.integers(1, delay[kind])) for kind in kinds},
        "weight": {kind: draw(st.integers(1, 9)) for kind in kinds},
        "deadline": draw(st.integers(0, 20)),
        "nodes": draw(st.permutations([[f"n{index}", draw(st.sampled_from(kinds))] for index in range(count)])),
        "edges": [[f"n{tail}", f"n{head}", "0"] for tail, head in chosen],
    }


def slow_verdict(graph: dict[str, Any], starts: dict[str, int]) -> tuple[Outcome, int | None]:
    """The rules of the statement, cycle by cycle."""
    kind = dict(graph["nodes"])
    delay = {node: graph["delay"][kind[node]] for node in kind}
    for node, start in starts.items():
        late = start < 0 or start + delay[node] > graph["deadline"]
        if late or any(head == node and starts[tail] + delay[tail] > start for tail, head, _ in graph["edges"]):
            return Outcome.INFEASIBLE, None
    total = 0
    for name, weight in graph["weight"].items():
        own = [starts[node] for node in kind if kind[node] == name]
        held = graph["occupancy"][name]
        use = [sum(start <= cycle < start + held for start in own) for cycle in range(graph["deadline"])]
        total += weight * max(use, default=0)
    return Outcome.FEASIBLE, total


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_agrees_with_the_rules_checked_cycle_by_cycle(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    graph = data.draw(graphs())
    kind = dict(graph["nodes"])
    starts: dict[str, int] = {}
    for node in sorted(kind):
        ready = [starts[tail] + graph["delay"][kind[tail]] for tail, head, _ in graph["edges"] if head == node]
        starts[node] = max(ready, default=0) + data.draw(st.integers(0, 2))
    for node in data.draw(st.lists(st.sampled_from(sorted(kind)), max_size=2)) if kind else []:
        starts[node] += data.draw(st.integers(-3, 3))
    folder = tmp_path_factory.getbasetemp()
    instance, solution = folder / "resources.json", folder / "resources.txt"
    instance.write_text(json.dumps(graph))
    solution.write_text("".join(f"{node}:{start}\n" for node, start in starts.items()))
    verdict = verify(instance, solution)
    assert (verdict.outcome, verdict.objective) == slow_verdict(graph, starts)


@given(content=st.binary(max_size=400) | st.text(alphabet="ma1234:.-+e \n\t\rN", max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_answers_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    solution = tmp_path_factory.getbasetemp() / "hostile.txt"
    solution.write_bytes(content)
    verdict = verify(TINY, solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert (verdict.objective is not None) == (verdict.outcome is Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.solution)
def test_gives_each_case_its_declared_verdict(case: Any) -> None:
    assert case.instance == "cases/tiny"
    verdict = verify(TINY, PROBLEM.folder / "cases" / case.solution)
    assert (verdict.outcome, verdict.objective) == (case.outcome, case.objective)
    assert (case.message or "") in verdict.message


def test_every_solution_in_the_cases_folder_is_declared() -> None:
    assert {path.name for path in (PROBLEM.folder / "cases").glob("*.txt")} == {case.solution for case in CASES}


def test_the_statement_counts_the_units_of_its_example_right(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```\w+ (example:\w+)\n(.*?)```", PROBLEM.statement, re.DOTALL))
    (tmp_path / "input.json").write_text(blocks["example:input"])
    shown = blocks["example:solution"]
    for solution, objective in ((shown, 17), (shown.replace("a5:0", "a5:2").replace("m4:2", "m4:3"), 16)):
        (tmp_path / "solution.txt").write_text(solution)
        assert verify(tmp_path / "input.json", tmp_path / "solution.txt").objective == objective
    assert PROBLEM.spec.example.objective == 17


def test_huge_numbers_cost_no_time(tmp_path: Path) -> None:
    content = json.loads(TINY.read_text())
    content["deadline"] = 10**38
    (tmp_path / "patient.json").write_text(json.dumps(content))
    starts = {"m1": 0, "m2": 10**30, "m3": 10**36, "m4": 10**37, "a1": 10**31, "a2": 10**37, "a3": 10**38 - 1}
    (tmp_path / "slow.txt").write_text("".join(f"{node}:{start}\n" for node, start in starts.items()))
    assert verify(tmp_path / "patient.json", tmp_path / "slow.txt").objective == 5 + 2


def test_an_empty_graph_needs_nothing(tmp_path: Path) -> None:
    content = json.loads(TINY.read_text()) | {"nodes": [], "edges": []}
    (tmp_path / "empty.json").write_text(json.dumps(content))
    (tmp_path / "empty.txt").write_text("")
    assert verify(tmp_path / "empty.json", tmp_path / "empty.txt").objective == 0


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("nodes", [["m1", "mul"], ["m1", "add"]], "nodes: an id is there twice"),
        ("edges", [["m1", "z9", "0"]], "edges: 'z9' is no node"),
        ("edges", [["m1", "a1", "0"], ["a1", "m1", "0"]], "edges: they form a cycle"),
        ("delay", {"mul": 0, "add": 1}, "delay: mul must be an integer of at least 1, not 0"),
        ("delay", {"mul": True, "add": 1}, "delay: mul must be an integer of at least 1, not True"),
        ("occupancy", {"mul": 4, "add": 1}, "occupancy: mul must have 1 to 3 cycles"),
        ("weight", {"mul": 1.5, "add": 1}, "weight: mul must be an integer of at least 1, not 1.5"),
        ("deadline", "6", "deadline: must be an integer"),
    ],
)
def test_a_corrupt_instance_is_not_blamed_on_the_solution(
    field: str, value: object, message: str, tmp_path: Path
) -> None:
    (tmp_path / "corrupt.json").write_text(json.dumps(json.loads(TINY.read_text()) | {field: value}))
    with pytest.raises(ValueError, match=re.escape(message)):
        verify(tmp_path / "corrupt.json", OPTIMAL)


def test_a_path_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(OPTIMAL)
    assert verify(TINY, tmp_path / "link.txt").outcome is Outcome.MALFORMED
