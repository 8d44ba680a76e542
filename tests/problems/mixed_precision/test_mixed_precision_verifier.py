"""The verifier against its cases, against a slow checker of another make, and against whatever bytes there are."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_precision_support import PROBLEM, module, slow_verdict, verify

from heurigym.problems import Outcome
from heurigym.problems.instances import find_instances, read_packed
from heurigym.problems.spec import CaseFile, parse_yaml

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
FILES = {instance.name: instance for instance in find_instances(PROBLEM.folder / "cases", PROBLEM.spec.entry)}
EXAMPLE = PROBLEM.folder / "cases" / "example.json"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_gets_its_verdict(case, tmp_path):
    solution = tmp_path / "solution.txt"
    solution.write_bytes(read_packed(PROBLEM.folder / "cases" / case.solution))
    verdict = verify(FILES[case.instance.removeprefix("cases/")].files[0], solution)
    assert verdict.outcome == case.outcome, verdict.message
    assert case.objective is None or verdict.number == case.objective
    assert case.message is None or case.message in verdict.message


@st.composite
def instances(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 5))
    names = [f"l{number}" for number in range(count)]
    choices = draw(st.lists(st.sampled_from([[2, 2], [2, 4], [4, 4], [4, 8], [8, 8]]), min_size=1, unique_by=tuple))
    width = len(choices)
    amounts = st.integers(0, 50)
    rows = st.lists(amounts, min_size=width, max_size=width)
    layers = [
        {
            "name": name,
            "parameters": draw(amounts),
            "macs": draw(amounts),
            "latency": draw(rows),
            "loss": draw(rows),
        }
        for name in names
    ]
    signed = st.lists(st.integers(-30, 30), min_size=width, max_size=width)
    pairs = [
        {"layers": [one, other], "loss": [draw(signed) for _ in range(width)]}
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if draw(st.booleans())
    ]
    group = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    limits = {"size": 1200, "bit_operations": 6000, "latency": 150}
    limited = draw(st.lists(st.sampled_from(sorted(limits)), min_size=1, unique=True))
    budgets = {name: draw(st.integers(0, limits[name])) for name in limited}
    return {
        "name": "drawn",
        "origin": "drawn",
        "form": "pairwise",
        "choices": choices,
        "budgets": budgets,
        "groups": [group] if len(group) > 1 else [],
        "layers": layers,
        "pairs": pairs,
    }


@st.composite
def solutions(draw: st.DrawFn, instance: dict[str, Any]) -> str:
    pair = st.sampled_from([*instance["choices"], *instance["choices"], *instance["choices"], [8, 2]])
    uniform = draw(st.one_of(st.none(), pair))
    lines = [f"{layer['name']} {' '.join(map(str, uniform or draw(pair)))}" for layer in instance["layers"]]
    kind = draw(st.integers(0, 9))
    if kind == 0:
        lines.append(draw(st.sampled_from(lines)))
    elif kind == 1:
        lines.pop()
    elif kind == 2:
        lines.append("none 4 4")
    elif kind == 3:
        lines[0] += " 4"
    return draw(st.sampled_from(["\n", "\r\n", " \n\n\t"])).join(draw(st.permutations(lines)))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_agrees_with_a_slow_checker(data):
    instance = data.draw(instances())
    text = data.draw(solutions(instance))
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "instance.json"), Path(folder, "solution.txt")
        files[0].write_text(json.dumps(instance))
        files[1].write_bytes(text.encode())
        verdict = verify(*files)
    assert (verdict.outcome.value, verdict.objective) == slow_verdict(instance, text)


HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from(
            ["stem", "fc", "block.conv1", "block.shortcut", "8", "4", "-4", "9" * 50, "\n", "4.0", "\t"]
        ),
        max_size=20,
    ).map(lambda words: " ".join(words).encode()),
)


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
def test_gives_a_verdict_for_any_bytes(content):
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution.txt"
        solution.write_bytes(content)
        verdict = verify(EXAMPLE, solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert (verdict.objective is None) == (verdict.outcome is not Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@pytest.mark.parametrize(
    "content",
    [
        b"stem 8 8\n" * 300_000,
        b"x" * 4_000_000,
        b" " * 4_000_000,
        b"stem " + b"9" * 2_000_000 + b" 8",
        b"a b c\n" * 300_000,
    ],
    ids=["one line again", "one word", "spaces", "digits", "unknown"],
)
def test_large_hostile_files_are_answered(content, tmp_path):
    solution = tmp_path / "solution.txt"
    solution.write_bytes(content)
    assert verify(EXAMPLE, solution).outcome is Outcome.MALFORMED


def test_links_and_missing_files_are_refused(tmp_path):
    target = tmp_path / "target"
    target.write_bytes((PROBLEM.folder / "cases" / "an_optimal_allocation.txt").read_bytes())
    link = tmp_path / "solution.txt"
    link.symlink_to(target)
    assert verify(EXAMPLE, target).outcome is Outcome.FEASIBLE
    assert verify(EXAMPLE, link).outcome is Outcome.MALFORMED
    assert verify(EXAMPLE, tmp_path / "none").outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    "change",
    [
        {"choices": [[4, 4], [4, 4], [8, 8]]},
        {"budgets": {"size": 10.5}},
        {"budgets": {"size": True}},
        {"groups": [["stem", "nobody"]]},
        {"pairs": [{"layers": ["stem", "nobody"], "loss": [[0] * 3] * 3}]},
        {"pairs": [{"layers": ["stem", "fc"], "loss": [[0] * 3] * 2}]},
        {"layers": []},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_corrupt_instance_raises_and_is_not_blamed_on_the_solution(change, tmp_path):
    instance = tmp_path / "instance.json"
    instance.write_text(json.dumps(json.loads(EXAMPLE.read_text()) | change))
    with pytest.raises((ValueError, KeyError)):
        module("verifier").verify([instance], PROBLEM.folder / "cases" / "an_optimal_allocation.txt")
