import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from egraph_support import PROBLEM, as_file, module, slow_verdict
from hypothesis import given, settings
from hypothesis import strategies as st

from heurigym.problems import Outcome
from heurigym.problems.instances import find_instances, read_packed
from heurigym.problems.spec import CaseFile, parse_yaml
from heurigym.problems.verification import Verifiers

CASES = parse_yaml(PROBLEM.folder / "cases" / "cases.yaml", CaseFile).cases
FILES = {instance.name: instance for instance in find_instances(PROBLEM.folder / "cases", PROBLEM.spec.entry)}


@pytest.fixture(scope="module")
def verifiers():
    with Verifiers() as all_of_them:
        yield all_of_them


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_gets_its_verdict(case, verifiers):
    solution = read_packed(PROBLEM.folder / "cases" / case.solution)
    verdict = verifiers.verify(PROBLEM, FILES[case.instance.removeprefix("cases/")], solution)
    assert verdict.outcome == case.outcome, verdict.message
    if case.objective is not None:
        assert verdict.number == case.objective
    if case.message is not None:
        assert case.message in verdict.message


@st.composite
def egraphs(draw: st.DrawFn) -> dict[str, Any]:
    classes = draw(st.integers(1, 5))
    nodes = {}
    for owner in range(classes):
        for number in range(draw(st.integers(1, 3))):
            below = draw(st.lists(st.integers(0, classes - 1), max_size=3))
            nodes[f"{owner}.{number}"] = {
                "op": "f",
                "cost": draw(st.sampled_from([0, 1, 2, 0.1, 0.2, 1e-9, -1, -0.3])),
                "eclass": draw(st.sampled_from([str(owner), owner])),
                "children": [draw(st.sampled_from([f"{child}.0", child])) for child in below],
            }
    roots = draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=3))
    return {"nodes": nodes, "root_eclasses": roots}


@st.composite
def solutions(draw: st.DrawFn, instance: dict[str, Any]) -> str:
    by_class: dict[str, list[str]] = {}
    for name, node in instance["nodes"].items():
        by_class.setdefault(str(node["eclass"]), []).append(name)
    selected = [draw(st.sampled_from(members)) for members in by_class.values()]
    kind = draw(st.integers(0, 5))
    if kind == 0:
        selected.append(draw(st.sampled_from(list(instance["nodes"]))))
    elif kind == 1:
        selected.pop(draw(st.integers(0, len(selected) - 1)))
    elif kind == 2:
        selected.append("none of them")
    return draw(st.sampled_from([str, json.dumps]))(draw(st.permutations(selected)))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_agrees_with_a_slow_verifier_of_another_make(data):
    instance = data.draw(egraphs())
    text = data.draw(solutions(instance))
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution.txt"
        solution.write_text(text)
        verdict = module("verifier").verify([as_file(instance, Path(folder))], solution)
    outcome, cost = slow_verdict(instance, text)
    assert (verdict.outcome.value, verdict.objective) == (outcome, cost)


HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(alphabet='[]{}\'",\\\n xnu0"1.eE+-', max_size=60).map(str.encode),
    st.lists(
        st.sampled_from(["[", "]", "'n0'", '"n2"', ",", "\\", "b''", "f'{1}'", "1", "#", "(", ")"]), max_size=12
    ).map(lambda tokens: " ".join(tokens).encode()),
)


@settings(max_examples=500, deadline=None)
@given(HOSTILE)
def test_gives_a_verdict_for_any_bytes(content):
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution.txt"
        solution.write_bytes(content)
        verdict = module("verifier").verify([PROBLEM.folder / "cases" / "example.json"], solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE, Outcome.FEASIBLE)
    assert (verdict.objective is None) == (verdict.outcome is not Outcome.FEASIBLE)
    assert len(verdict.message) <= 2000


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b"['" + b"\\'" * 1_000_000,
        b"[" + b"'n0'," * 500_000 + b"]",
        b"['" + b"n" * 4_000_000 + b"']",
        b'["' + b"\\u0041" * 300_000 + b'"]',
        b"['\\N{BULLET}']",
        b"[" + b" " * 2_000_000,
    ],
    ids=["brackets", "escapes", "one id", "long id", "decoded id", "named character", "spaces"],
)
def test_large_hostile_files_are_answered(content, tmp_path):
    solution = tmp_path / "solution.txt"
    solution.write_bytes(content)
    verdict = module("verifier").verify([PROBLEM.folder / "cases" / "example.json"], solution)
    assert verdict.outcome is Outcome.MALFORMED


def test_links_and_missing_files_are_refused(tmp_path):
    target = tmp_path / "target"
    target.write_text("[]")
    link = tmp_path / "solution.txt"
    link.symlink_to(target)
    instance = [PROBLEM.folder / "cases" / "example.json"]
    assert module("verifier").verify(instance, link).outcome is Outcome.MALFORMED
    assert module("verifier").verify(instance, tmp_path / "none").outcome is Outcome.MALFORMED


def test_a_deep_program_needs_no_recursion_in_the_verifier(tmp_path):
    depth = 100_000
    nodes = {
        f"n{index}": {
            "op": "f",
            "cost": 0.1,
            "eclass": str(index),
            "children": [f"n{index + 1}"] * (index < depth - 1),
        }
        for index in range(depth)
    }
    solution = tmp_path / "solution.txt"
    solution.write_text(str(list(nodes)))
    verdict = module("verifier").verify([as_file({"nodes": nodes, "root_eclasses": ["0"]}, tmp_path)], solution)
    assert verdict.objective == depth // 10


def test_a_corrupt_instance_raises_and_is_not_blamed_on_the_solution(tmp_path):
    solution = tmp_path / "solution.txt"
    solution.write_text("['a']")
    node = {"op": "f", "cost": 1, "eclass": "0", "children": []}
    for broken in ({"cost": "1"}, {"cost": True}, {"children": [1.5]}, {"children": ["b"]}):
        instance = as_file({"nodes": {"a": node | broken}, "root_eclasses": ["0"]}, tmp_path)
        with pytest.raises((ValueError, KeyError)):
            module("verifier").verify([instance], solution)
