"""The verifier against an independent reference, hostile bytes, and the cases that the folder declares."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipelined_scheduling_support import PROBLEM, module, stored_solution, unpacked, verify

from heurigym.problems import Outcome
from heurigym.problems.spec import CaseFile, parse_yaml

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
GIVEN = PROBLEM.folder / "cases" / "given.json"
OPEN = PROBLEM.folder / "cases" / "open.json"


@st.composite
def loops(draw: st.DrawFn) -> dict[str, Any]:
    kinds = ["mul", "add", "wire"][: draw(st.integers(1, 3))]
    names = [f"n{index}" for index in range(draw(st.integers(0, 5)))]
    resources = {
        kind: {
            "latency": draw(st.integers(0, 3)),
            "blocking": draw(st.integers(0, 5)),
            "units": draw(st.none() | st.integers(1, 4)),
        }
        for kind in kinds
    }
    edges = []
    for _ in range(draw(st.integers(0, 7)) if names else 0):
        tail, head = draw(st.integers(0, len(names) - 1)), draw(st.integers(0, len(names) - 1))
        # An edge back or to itself spans iterations, so that no cycle of distance 0 takes time.
        distance = draw(st.integers(0 if tail < head else 1, 3))
        role = draw(st.sampled_from(["data", "order"]))
        edges.append([names[tail], names[head], draw(st.integers(0, 2)), distance, role])
    least = draw(st.integers(1, 4))
    return {
        "name": "drawn",
        "interval": {
            "least": least,
            "most": draw(st.none() | st.integers(least, 6)),
            "weight": draw(st.integers(0, 9)),
        },
        "resources": resources,
        "operations": [[name, draw(st.sampled_from(kinds)), draw(st.integers(0, 9))] for name in names],
        "edges": draw(st.permutations(edges)),
    }


def slow_verdict(loop: dict[str, Any], interval: int, starts: dict[str, int]) -> tuple[Outcome, int | None]:
    """The rules of the statement, with every cycle of every operation and value of many iterations written down."""
    allowed, resources = loop["interval"], loop["resources"]
    kind = {name: row for name, row, _ in loop["operations"]}
    bits = {name: width for name, _, width in loop["operations"]}
    latency = {name: resources[kind[name]]["latency"] for name in kind}
    if interval < allowed["least"] or (allowed["most"] is not None and interval > allowed["most"]):
        return Outcome.INFEASIBLE, None
    if any(start < 0 for start in starts.values()):
        return Outcome.INFEASIBLE, None
    for tail, head, delay, distance, _ in loop["edges"]:
        if starts[head] + distance * interval < starts[tail] + latency[tail] + delay:
            return Outcome.INFEASIBLE, None
    for name, row in resources.items():
        for slot in range(interval):
            busy = [
                cycle
                for operation in kind
                if kind[operation] == name
                for cycle in range(starts[operation], starts[operation] + row["blocking"])
                if cycle % interval == slot
            ]
            if row["units"] is not None and len(busy) > row["units"]:
                return Outcome.INFEASIBLE, None
    # In the steady state all iterations together hold in a slot what one holds in all of its cycles.
    held = dict.fromkeys(range(interval), 0)
    for operation in kind:
        reads = [
            starts[head] + distance * interval
            for tail, head, _, distance, role in loop["edges"]
            if tail == operation and role == "data"
        ]
        ready = starts[operation] + latency[operation] + (1 if latency[operation] == 0 else 0)
        for cycle in range(ready, max(reads, default=ready - 1) + 1):
            held[cycle % interval] += bits[operation]
    return Outcome.FEASIBLE, max(held.values()) + allowed["weight"] * (interval - allowed["least"])


@given(data=st.data())
@settings(max_examples=250, deadline=None)
def test_agrees_with_the_rules_checked_cycle_by_cycle(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    loop = data.draw(loops())
    interval = data.draw(st.integers(0, 8))
    starts = {}
    kinds = {name: kind for name, kind, _ in loop["operations"]}
    for name in kinds:
        # As early as edges from before allow, so that most draws keep to most of the rules.
        ready = [
            starts[tail] + loop["resources"][kinds[tail]]["latency"] + delay
            for tail, head, delay, distance, _ in loop["edges"]
            if head == name and tail in starts and distance == 0
        ]
        starts[name] = max(ready, default=0) + data.draw(st.integers(0, 4))
    if starts and data.draw(st.booleans()):
        starts[data.draw(st.sampled_from(sorted(starts)))] += data.draw(st.integers(-3, 3))
    folder = tmp_path_factory.getbasetemp()
    instance, solution = folder / "drawn.json", folder / "drawn.txt"
    instance.write_text(json.dumps(loop))
    lines = "".join(f"{name}:{start}\n" for name, start in starts.items())
    solution.write_text(f"interval:{interval}\n{lines}")
    verdict = verify(instance, solution)
    assert (verdict.outcome, verdict.objective) == slow_verdict(loop, interval, starts)


@given(
    stretches=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(0, 9)), max_size=8),
    interval=st.integers(1, 12),
)
@settings(max_examples=200, deadline=None)
def test_folding_counts_every_cycle_in_its_slot(stretches: list[tuple[int, int, int]], interval: int) -> None:
    slots = [0] * interval
    for begin, length, amount in stretches:
        for cycle in range(begin, begin + length):
            slots[cycle % interval] += amount
    top, place = module("verifier_folding").busiest(stretches, interval)
    assert top == max(slots)
    assert slots[place] == top


@given(
    content=st.binary(max_size=400)
    | st.text(alphabet="xcpsuminterval123:.-+e \n\t\rN", max_size=60).map(str.encode)
)
@settings(max_examples=300, deadline=None)
def test_answers_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    solution = tmp_path_factory.getbasetemp() / "hostile.txt"
    solution.write_bytes(content)
    verdict = verify(GIVEN, solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert (verdict.objective is not None) == (verdict.outcome is Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.solution)
def test_gives_each_case_its_declared_verdict(case: Any) -> None:
    folder = PROBLEM.folder / "cases"
    verdict = verify(PROBLEM.folder / f"{case.instance}.json", folder / case.solution)
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


def test_the_worked_example_of_lifetimes(tmp_path: Path) -> None:
    """The value x is in a register in the cycles 1 to 7: in slot 1 four times, in slot 0 three times."""
    solution = tmp_path / "solution.txt"
    solution.write_text("interval:2\nx:0\nm:1\nw:3\ny:3\n")
    assert verify(OPEN, solution).objective == 4 * 8 + 16


def test_huge_numbers_on_the_largest_loop_are_only_large(tmp_path: Path) -> None:
    name = max(PROBLEM.baselines, key=lambda name: int(name.partition("_")[2]))
    instance, solution = unpacked(name, tmp_path), stored_solution(name, tmp_path)
    interval, *lines = solution.read_text().split()
    cycles = int(interval.partition(":")[2])
    later = "".join(f"{line.split(':')[0]}:{int(line.split(':')[1]) + cycles * 10**30}\n" for line in lines)
    solution.write_text(f"{interval}\n{later}")
    assert verify(instance, solution).objective == PROBLEM.baselines[name].objective


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda loop: loop["edges"].append(["sum", "p", 0, 0, "order"]),
            "on a cycle of distance 0 that takes time",
        ),
        (lambda loop: loop["edges"].append(["p", "p", 0, 0, "data"]), "p is on a cycle of distance 0"),
        (lambda loop: loop["edges"].append(["x", "zz", 0, 0, "data"]), "'zz'"),
        (lambda loop: loop["edges"].append(["x", "p", -1, 0, "data"]), "is -1, not an integer"),
        (lambda loop: loop["edges"].append(["x", "p", 0, True, "data"]), "is True, not an integer"),
        (lambda loop: loop["edges"].append(["x", "p", 0, 0, "maybe"]), "'maybe'"),
        (lambda loop: loop["operations"].append(["x", "mem", 8]), "'x' is there twice"),
        (lambda loop: loop["operations"].append(["interval", "mem", 8]), "'interval'"),
        (lambda loop: loop["operations"].append(["new", "gpu", 8]), "no resource 'gpu'"),
        (lambda loop: loop["resources"]["mem"].update(units=0), "resources.mem.units: is 0"),
        (lambda loop: loop["resources"]["mem"].update(latency=1.5), "resources.mem.latency: is 1.5"),
        (lambda loop: loop["interval"].update(least=0), "interval.least: is 0"),
        (lambda loop: loop["interval"].update(most=2), "interval.most: is 2"),
        (lambda loop: loop.pop("edges"), "'edges'"),
    ],
)
def test_a_corrupt_instance_is_not_blamed_on_the_solution(change: Any, message: str, tmp_path: Path) -> None:
    loop = json.loads(GIVEN.read_text())
    change(loop)
    (tmp_path / "corrupt.json").write_text(json.dumps(loop))
    with pytest.raises(ValueError, match=r"corrupt\.json") as caught:
        verify(tmp_path / "corrupt.json", PROBLEM.folder / "cases" / "given.txt")
    assert message in str(caught.value)


def test_long_chains_need_no_recursion(tmp_path: Path) -> None:
    count = 20_000
    loop = json.loads(GIVEN.read_text())
    loop["operations"] = [[f"n{index}", "add", 1] for index in range(count)]
    loop["edges"] = [[f"n{index}", f"n{index + 1}", 0, 0, "data"] for index in range(count - 1)]
    (tmp_path / "chain.json").write_text(json.dumps(loop))
    lines = "".join(f"n{index}:{index}\n" for index in range(count))
    (tmp_path / "chain.txt").write_text("interval:3\n" + lines)
    assert verify(tmp_path / "chain.json", tmp_path / "chain.txt").objective == -(-(count - 1) // 3)
