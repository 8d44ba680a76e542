"""The verifier against an independent reference, hostile bytes, and the cases that the folder declares."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intra_op_parallel_support import PROBLEM, stored_solution, unpacked, verify

from heurigym.problems import Outcome
from heurigym.problems.spec import CaseFile, parse_yaml

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
EXAMPLE = PROBLEM.folder / "cases" / "two_layers.json"
LARGEST = max((instance.name for instance in PROBLEM.instances("eval")), key=lambda name: int(name.split("_")[1]))


@st.composite
def programs(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(0, 5))
    sizes = [draw(st.integers(1, 3)) for _ in range(count)]
    numbers = st.integers(0, 9)

    def values(size: int) -> list[int]:
        return draw(st.lists(numbers, min_size=size, max_size=size))

    pairs = (
        draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=7)) if count else []
    )
    problem: dict[str, Any] = {
        "name": "drawn",
        "nodes": {
            "intervals": [sorted(draw(st.tuples(st.integers(0, 6), st.integers(0, 6)))) for _ in sizes],
            "costs": [values(size) for size in sizes],
            "usages": [values(size) for size in sizes],
        },
        "edges": {
            "nodes": [list(pair) for pair in pairs],
            "costs": [values(sizes[tail] * sizes[head]) for tail, head in pairs],
        },
    }
    limit = draw(st.none() | st.integers(0, 25))
    if limit is not None or draw(st.booleans()):
        problem["usage_limit"] = limit
    return {"problem": problem}


def slow_verdict(content: dict[str, Any], chosen: list[int]) -> tuple[Outcome, int | None]:
    """The rules of the statement, time by time and edge by edge."""
    nodes, edges = content["problem"]["nodes"], content["problem"]["edges"]
    if len(chosen) != len(nodes["costs"]):
        return Outcome.MALFORMED, None
    if any(index not in range(len(costs)) for index, costs in zip(chosen, nodes["costs"], strict=True)):
        return Outcome.INFEASIBLE, None
    limit = content["problem"].get("usage_limit")
    for time in range(7):
        used = sum(
            nodes["usages"][node][index]
            for node, index in enumerate(chosen)
            if nodes["intervals"][node][0] <= time < nodes["intervals"][node][1]
        )
        if limit is not None and used > limit:
            return Outcome.INFEASIBLE, None
    total = sum(nodes["costs"][node][index] for node, index in enumerate(chosen))
    for (tail, head), costs in zip(edges["nodes"], edges["costs"], strict=True):
        width = len(nodes["costs"][head])
        rows = [costs[at : at + width] for at in range(0, len(costs), width)]
        total += rows[chosen[tail]][chosen[head]]
    return Outcome.FEASIBLE, total


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_agrees_with_a_slow_checker(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp()
    content = data.draw(programs())
    count = len(content["problem"]["nodes"]["costs"])
    chosen = data.draw(st.lists(st.integers(-1, 3), min_size=max(0, count - 1), max_size=count + 1))
    (folder / "drawn.json").write_text(json.dumps(content))
    (folder / "drawn.txt").write_text(str(chosen))
    verdict = verify(folder / "drawn.json", folder / "drawn.txt")
    assert (verdict.outcome, verdict.objective) == slow_verdict(content, chosen)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_bytes_get_a_verdict(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(
        data.draw(st.binary(max_size=60) | st.text('[]0123456789,.-+e {}"ntrue', max_size=40).map(str.encode))
    )
    verdict = verify(EXAMPLE, path)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.solution)
def test_gives_each_case_its_declared_verdict(case: Any) -> None:
    verdict = verify(PROBLEM.folder / f"{case.instance}.json", PROBLEM.folder / "cases" / case.solution)
    assert (verdict.outcome, verdict.objective) == (case.outcome, case.objective)
    assert (case.message or "") in verdict.message


def test_every_solution_in_the_cases_folder_is_declared() -> None:
    assert {path.name for path in (PROBLEM.folder / "cases").glob("*.txt")} == {case.solution for case in CASES}


def test_the_statement_shows_a_solution_and_its_memory(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```\w+ (example:\w+)\n(.*?)```", PROBLEM.statement, re.DOTALL))
    (tmp_path / "input.json").write_text(blocks["example:input"])
    (tmp_path / "solution.txt").write_text(blocks["example:solution"])
    assert verify(tmp_path / "input.json", tmp_path / "solution.txt").objective == PROBLEM.spec.example.objective
    content = json.loads(blocks["example:input"])
    assert content == json.loads(EXAMPLE.read_text())
    chosen, nodes = json.loads(blocks["example:solution"]), content["problem"]["nodes"]
    (row,) = re.findall(r"^\| memory \|(.*)\|$", PROBLEM.statement, re.MULTILINE)
    for time, shown in enumerate(row.split("|")):
        live = [node for node, (begin, end) in enumerate(nodes["intervals"]) if begin <= time < end]
        assert int(shown) == sum(nodes["usages"][node][chosen[node]] for node in live)


def test_a_message_about_many_times_is_short(tmp_path: Path) -> None:
    nodes = {"intervals": [[time, time + 1] for time in range(5000)], "costs": [[1]] * 5000, "usages": [[1]] * 5000}
    nodes["usages"] = [[1 + time % 2] for time in range(5000)]
    content = {"problem": {"name": "", "nodes": nodes, "edges": {"nodes": [], "costs": []}, "usage_limit": 0}}
    (tmp_path / "long.json").write_text(json.dumps(content))
    (tmp_path / "long.txt").write_text(str([0] * 5000))
    verdict = verify(tmp_path / "long.json", tmp_path / "long.txt")
    assert verdict.outcome is Outcome.INFEASIBLE
    assert "5000 spans of time: 1 from time 0, 2 from time 1" in verdict.message
    assert len(verdict.message) < 300


def test_an_interval_of_any_length_takes_no_longer(tmp_path: Path) -> None:
    content = json.loads(EXAMPLE.read_text())
    content["problem"]["nodes"]["intervals"] = [[0, 10**60], [10**50, 10**60], [1, 10**59], [0, 10**18]]
    (tmp_path / "far.json").write_text(json.dumps(content))
    (tmp_path / "far.txt").write_text("[0, 1, 1, 0]")
    assert "15" not in verify(tmp_path / "far.json", tmp_path / "far.txt").message


def test_wrong_indices_on_the_largest_program_are_only_infeasible(tmp_path: Path) -> None:
    chosen = json.loads(stored_solution(LARGEST, tmp_path).read_text())
    (tmp_path / "wrong.txt").write_text(str([index + 10**30 for index in chosen]))
    verdict = verify(unpacked(LARGEST, tmp_path), tmp_path / "wrong.txt")
    assert verdict.outcome is Outcome.INFEASIBLE
    assert len(verdict.message) < 1000


def test_a_path_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(PROBLEM.folder / "cases" / "worked_example.txt")
    assert verify(EXAMPLE, tmp_path / "link.txt").outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("nodes", "costs", 0), [], r"costs\[0\]: must be a list"),
        (("nodes", "costs", 0), [1, -1], r"costs\[0\]: must be a list"),
        (("nodes", "costs", 0), [1, 0.5], "Expected `int`, got `float`"),
        (("nodes", "costs", 0), [1, True], "Expected `int`, got `bool`"),
        (("nodes", "usages", 1), [1], r"usages\[1\]: must have one"),
        (("nodes", "usages", 1), [1, -1], r"usages\[1\]: must have one"),
        (("nodes", "usages"), [], "one entry for each node"),
        (("nodes", "intervals", 2), [4, 3], r"intervals\[2\]: must be"),
        (("nodes", "intervals", 2), [-1, 3], r"intervals\[2\]: must be"),
        (("nodes", "intervals", 2), [3], r"intervals\[2\]: must be"),
        (("edges", "nodes", 1), [0, 4], r"edges.nodes\[1\]: must be two node numbers below 4"),
        (("edges", "nodes", 1), [0, -1], r"edges.nodes\[1\]"),
        (("edges", "nodes", 1), [0, 1, 2], r"edges.nodes\[1\]"),
        (("edges", "costs", 0), [1, 2], r"edges.costs\[0\]: must be 6 integers"),
        (("edges", "costs", 0), [1, 2, 3, 4, 5, -6], r"edges.costs\[0\]"),
        (("edges", "costs"), [], "one entry for each edge"),
        (("usage_limit",), -1, "usage_limit: must be"),
        (("usage_limit",), "14", r"Expected `int \| null`, got `str`"),
    ],
)
def test_a_corrupt_instance_is_not_blamed_on_the_solution(
    place: tuple[Any, ...], value: object, words: str, tmp_path: Path
) -> None:
    content = json.loads(EXAMPLE.read_text())
    inner = content["problem"]
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    (tmp_path / "corrupt.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=rf"corrupt\.json: .*{words}"):
        verify(tmp_path / "corrupt.json", PROBLEM.folder / "cases" / "worked_example.txt")
