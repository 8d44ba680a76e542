"""The verifier against a slow one that walks every path, and against bytes that are no solution."""

import json
from pathlib import Path
from typing import Any

import pytest
from fpga_mapping_support import INSTANCES, PROBLEM, stored_solution, unpacked, verify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heurigym.problems import Outcome

Cover = list[list[int]]
FIXED = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    inputs = draw(st.integers(1, 4))
    gates: list[list[int]] = []
    for node in range(inputs + 1, inputs + 1 + draw(st.integers(1, 8))):
        gates.append(sorted(draw(st.integers(2, 2 * node - 1)) for _ in range(2)))
    last = inputs + len(gates)
    outputs = draw(st.lists(st.integers(0, 2 * last + 1), min_size=1, max_size=4))
    depth = draw(st.none() | st.integers(1, 5))
    k = draw(st.integers(3, 6))
    return {"name": "random", "k": k, "max_depth": depth, "inputs": inputs, "gates": gates, "outputs": outputs}


@st.composite
def problems_with_covers(draw: st.DrawFn) -> tuple[dict[str, Any], Cover]:
    """Covers that are often feasible: cut from the graph, then sometimes spoilt."""
    graph = draw(graphs())
    first = graph["inputs"] + 1
    cover: dict[int, set[int]] = {}
    waiting = [literal >> 1 for literal in graph["outputs"] if literal >> 1 >= first]
    while waiting:
        root = waiting.pop()
        if root in cover:
            continue
        leaves = {literal >> 1 for literal in graph["gates"][root - first]}
        for _ in range(draw(st.integers(0, 4))):
            inner = [leaf for leaf in leaves if leaf >= first]
            if inner:
                swallowed = draw(st.sampled_from(inner))
                grown = (leaves - {swallowed}) | {literal >> 1 for literal in graph["gates"][swallowed - first]}
                leaves = grown if len(grown) <= graph["k"] or draw(st.integers(0, 9)) == 0 else leaves
        cover[root] = leaves
        waiting += [leaf for leaf in leaves if leaf >= first]
    lines = [[root, *sorted(leaves)] for root, leaves in cover.items()]
    if draw(st.integers(0, 2)) == 0 and lines:
        line = draw(st.sampled_from(lines))
        change = draw(st.sampled_from(["drop line", "drop leaf", "change leaf", "add leaf", "change root"]))
        if change == "drop line":
            lines.remove(line)
        elif change == "drop leaf":
            line.pop()
        elif change == "add leaf":
            line.append(draw(st.integers(0, first + 9)))
        else:
            line[0 if change == "change root" else -1] = draw(st.integers(0, first + 9))
    return graph, lines


def slow_area(graph: dict[str, Any], cover: Cover) -> int | None:
    """The area of a feasible cover, by the rules of the statement one after the other."""
    first, last = graph["inputs"] + 1, graph["inputs"] + len(graph["gates"])
    roots = [line[0] for line in cover]

    def paths_are_cut(node: int, leaves: list[int]) -> bool:
        if node in leaves:
            return True
        return node >= first and all(paths_are_cut(lit >> 1, leaves) for lit in graph["gates"][node - first])

    def depth(node: int) -> int:
        return 0 if node < first else 1 + max(depth(leaf) for leaf in cover[roots.index(node)][1:])

    if len(set(roots)) < len(roots) or not all(first <= root <= last for root in roots):
        return None
    for root, *leaves in cover:
        if not 1 <= len(leaves) <= graph["k"] or len(set(leaves)) < len(leaves):
            return None
        if not all(1 <= leaf < root and (leaf < first or leaf in roots) for leaf in leaves):
            return None
        if not all(paths_are_cut(literal >> 1, leaves) for literal in graph["gates"][root - first]):
            return None
    if not all(literal >> 1 < first or literal >> 1 in roots for literal in graph["outputs"]):
        return None
    if graph["max_depth"] is not None and any(depth(root) > graph["max_depth"] for root in roots):
        return None
    return len(roots)


@FIXED
@given(problems_with_covers())
def test_it_agrees_with_the_rules_read_one_by_one(tmp_path: Path, problem: tuple[dict[str, Any], Cover]) -> None:
    graph, cover = problem
    instance, solution = tmp_path / "instance.json", tmp_path / "solution.txt"
    instance.write_text(json.dumps(graph))
    solution.write_text("\n".join(" ".join(map(str, line)) for line in cover))
    verdict = verify(instance, solution)
    area = slow_area(graph, cover)
    assert verdict.objective == area, verdict
    assert (verdict.outcome is Outcome.FEASIBLE) == (area is not None)


@FIXED
@given(st.binary(max_size=200) | st.text(alphabet="0123456789 \n\t-x", max_size=200).map(str.encode))
def test_any_bytes_get_a_verdict(tmp_path: Path, content: bytes) -> None:
    instance = PROBLEM.folder / "cases" / "two_adders.json"
    solution = tmp_path / "solution.txt"
    solution.write_bytes(content)
    verdict = verify(instance, solution)
    assert len(verdict.message) <= 2000
    assert (verdict.outcome is Outcome.FEASIBLE) == (verdict.objective is not None)


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_stored_solutions_have_the_recorded_area(tmp_path: Path, name: str) -> None:
    record = PROBLEM.baselines[name]
    verdict = verify(unpacked(name, tmp_path), stored_solution(name, tmp_path))
    assert verdict.objective == record.objective, verdict.message
    assert record.bound is not None
    assert record.bound <= record.objective
    assert record.optimal == (record.bound == record.objective)


def test_work_is_linear_for_leaves_that_do_not_cut(tmp_path: Path) -> None:
    """A cover whose every LUT names the last gates as leaves would be walked to the inputs again and again."""
    chain = 20_000
    gates = [[2 * (node - 1), 2 * (node - 2)] for node in range(3, chain)]
    instance, solution = tmp_path / "instance.json", tmp_path / "solution.txt"
    graph = {"name": "c", "k": 6, "max_depth": None, "inputs": 2, "gates": gates, "outputs": [2 * chain - 2]}
    instance.write_text(json.dumps(graph))
    solution.write_text("".join(f"{node} {node - 1}\n" for node in range(3, chain)))
    assert "do not cut it off" in verify(instance, solution).message
