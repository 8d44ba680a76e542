"""The verifier against exhaustive truth tables, single wrong rows, rare differences, and arbitrary bytes."""

import os
import random
import shutil
import subprocess
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from technology_mapping_support import INSTANCES, PROBLEM, module, stored_solution, unpacked, verify

from heurigym.experts.mapping.blif import NamedAig
from heurigym.experts.mapping.designs import build_design
from heurigym.experts.mapping.lut_network import write_gates
from heurigym.problems import Infeasible, Outcome

BLIF = module("verifier_blif")
module("verifier_graph")
module("verifier_sat")
PROOF = module("verifier_proof")
DATA = Path(os.environ.get("HEURIGYM_DATA") or PROBLEM.folder.parents[2] / "shared" / "data") / "technology_mapping"
PUBLIC = sorted(path.stem for path in DATA.glob("*.blif"))
ABC = next((name for name in ("abc", "berkeley-abc", "yosys-abc") if shutil.which(name)), None)
CHECKED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Tables = list[tuple[list[str], str, list[str]]]


def text_of(inputs: list[str], outputs: list[str], tables: Tables) -> str:
    lines = [".model random", ".inputs " + " ".join(inputs), ".outputs " + " ".join(outputs)]
    for fanins, net, rows in tables:
        lines += [" ".join([".names", *fanins, net]), *rows]
    return "\n".join([*lines, ".end", ""])


@st.composite
def circuits(draw: st.DrawFn) -> tuple[list[str], list[str], Tables]:
    inputs = [f"x{index}" for index in range(draw(st.integers(1, 5)))]
    nets, tables = list(inputs), []
    for index in range(draw(st.integers(1, 7))):
        fanins = draw(st.lists(st.sampled_from(nets), max_size=4))
        cube = st.text("01-", min_size=len(fanins), max_size=len(fanins))
        value = draw(st.sampled_from("01"))
        rows = [f"{row} {value}".strip() for row in draw(st.lists(cube, max_size=4))]
        tables.append((fanins, f"n{index}", rows))
        nets.append(f"n{index}")
    outputs = sorted(set(draw(st.lists(st.sampled_from(nets[len(inputs) :]), min_size=1, max_size=4))))
    return inputs, outputs, tables


def values_of(inputs: list[str], outputs: list[str], tables: Tables) -> list[tuple[bool, ...]]:
    """The outputs for every combination of inputs, row by row as BLIF says."""
    result = []
    for bits in product("01", repeat=len(inputs)):
        known = dict(zip(inputs, bits, strict=True))
        for fanins, net, rows in tables:
            matches, value = False, "1"
            for row in rows:
                *cube, value = row.split()
                pattern = cube[0] if cube else ""
                matches |= all(p in ("-", known[f]) for p, f in zip(pattern, fanins, strict=True))
            known[net] = value if matches else "10"[int(value)]
        result.append(tuple(known[output] == "1" for output in outputs))
    return result


@CHECKED
@given(circuits(), st.data())
def test_it_agrees_with_all_rows_of_the_truth_table(
    tmp_path: Path, circuit: tuple[list[str], list[str], Tables], data: st.DataObject
) -> None:
    inputs, outputs, tables = circuit
    changed = [(list(fanins), net, list(rows)) for fanins, net, rows in tables]
    fanins, _, rows = data.draw(st.sampled_from(changed))
    if rows and data.draw(st.booleans()):
        rows.remove(data.draw(st.sampled_from(rows)))
    elif fanins and rows:
        value = rows[0][-1]
        rows.append("".join(data.draw(st.sampled_from("01")) for _ in fanins) + " " + value)
    instance, solution = tmp_path / "instance.blif", tmp_path / "solution.blif"
    instance.write_text(text_of(inputs, outputs, tables))
    solution.write_text(text_of(inputs, outputs, changed))
    same = values_of(inputs, outputs, tables) == values_of(inputs, outputs, changed)
    verdict = verify(instance, solution)
    assert (verdict.outcome is Outcome.FEASIBLE) == same, verdict


@CHECKED
@given(
    st.binary(max_size=120)
    | st.lists(
        st.sampled_from(
            [
                ".names a b s",
                ".inputs a b c",
                ".outputs s k",
                "11 1",
                "0- 0",
                "1",
                ".end",
                ".model m",
                "\\",
                "#",
                ".x",
            ]
        ),
        max_size=12,
    ).map(lambda lines: "\n".join(lines).encode())
)
def test_any_bytes_get_a_verdict(tmp_path: Path, content: bytes) -> None:
    solution = tmp_path / "solution.blif"
    solution.write_bytes(content)
    verdict = verify(PROBLEM.folder / "cases" / "small.blif", solution)
    assert verdict.outcome in (Outcome.MALFORMED, Outcome.INFEASIBLE)
    assert 0 < len(verdict.message) <= 2000


def flipped(text: str, seed: int) -> str:
    """The circuit with one row of the table of one output turned around, for inputs that do occur."""
    network = BLIF.parse_blif(text)
    rng = random.Random(seed)
    net = rng.choice([name for name in network.outputs if name in network.tables])
    known = {name: rng.random() < 0.5 for name in network.inputs}
    for name, table in network.tables.items():
        place = sum(known[fanin] << index for index, fanin in enumerate(table.fanins))
        known[name] = bool(table.truth() >> place & 1)
    table = network.tables[net]
    place = sum(known[fanin] << index for index, fanin in enumerate(table.fanins))
    truth = table.truth() ^ 1 << place
    width = len(table.fanins)
    rows = [
        "".join(str(row >> index & 1) for index in range(width)) + " 1"
        for row in range(1 << width)
        if truth >> row & 1
    ]
    head, *rest = text.split(".names " + " ".join([*table.fanins, net]) + "\n")
    assert len(rest) == 1
    after = rest[0][rest[0].index(".") :]
    return head + "\n".join([".names " + " ".join([*table.fanins, net]), *rows, after])


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_expert_solutions_verify_and_one_flipped_row_is_refused(name: str, tmp_path: Path) -> None:
    instance, solution = unpacked(name, tmp_path), stored_solution(name, tmp_path)
    assert verify(instance, solution).objective == PROBLEM.baselines[name].objective
    solution.write_text(flipped(solution.read_text(), seed=1))
    verdict = verify(instance, solution)
    assert verdict.outcome is Outcome.INFEASIBLE
    assert "differ from the given circuit" in verdict.message


@pytest.mark.skipif(not PUBLIC, reason="the public circuits are not here; set HEURIGYM_DATA to their folder")
@pytest.mark.parametrize("name", [name for name in PUBLIC if (DATA / f"{name}.blif").stat().st_size < 60_000])
def test_public_circuits_verify_as_their_own_solution_if_they_are_narrow(name: str, tmp_path: Path) -> None:
    instance, solution = DATA / f"{name}.blif", tmp_path / "solution.blif"
    solution.write_text(instance.read_text())
    wide = any(len(table.fanins) > 6 for table in BLIF.parse_blif(instance.read_text()).tables.values())
    verdict = verify(instance, solution)
    assert (verdict.outcome is Outcome.INFEASIBLE) == wide, verdict.message


@pytest.mark.skipif(not PUBLIC, reason="the public circuits are not here; set HEURIGYM_DATA to their folder")
@pytest.mark.parametrize("name", PUBLIC)
def test_one_flipped_row_of_a_public_circuit_is_refused(name: str) -> None:
    text = (DATA / f"{name}.blif").read_text()
    with pytest.raises(Infeasible, match="differ"):
        PROOF.prove_equivalence(BLIF.parse_blif(text), BLIF.parse_blif(flipped(text, seed=2)), 60.0)


@pytest.mark.skipif(ABC is None, reason="ABC is not installed")
@pytest.mark.skipif(not PUBLIC, reason="the public circuits are not here; set HEURIGYM_DATA to their folder")
@pytest.mark.parametrize("script", ["strash; if -a -K 6", "strash; dch; if -a -K 6; mfs2"])
@pytest.mark.parametrize("name", ["c880", "c6288", "i2c", "priority"])
def test_what_abc_maps_is_proven(name: str, script: str, tmp_path: Path) -> None:
    assert ABC is not None
    solution = tmp_path / "mapped.blif"
    command = f"read_blif {DATA / name}.blif; {script}; write_blif {solution}"
    subprocess.run([ABC, "-q", command], check=True, capture_output=True, cwd=tmp_path)
    verdict = verify(DATA / f"{name}.blif", solution)
    assert verdict.outcome is Outcome.FEASIBLE, verdict.message


def multiplier(kind: str, size: int) -> str:
    aig = build_design(kind, size, 0)
    names = tuple(f"x{index}" for index in range(aig.inputs))
    return write_gates(NamedAig(kind, names, tuple(f"y{index}" for index in range(len(aig.outputs))), aig))


def test_another_architecture_is_proven_by_satisfiability() -> None:
    one, other = (BLIF.parse_blif(multiplier(kind, 5)) for kind in ("array_multiplier", "booth_multiplier"))
    proof = PROOF.prove_equivalence(one, other, 60.0)
    assert proof.outputs_by_sat > 0


def test_what_is_not_proven_in_time_is_not_accepted() -> None:
    one, other = (BLIF.parse_blif(multiplier(kind, 16)) for kind in ("array_multiplier", "booth_multiplier"))
    with pytest.raises(Infeasible, match="equivalence not proven within 1 s"):
        PROOF.prove_equivalence(one, other, 1.0)


@pytest.mark.parametrize("width", [24, 64])
def test_a_difference_for_one_input_in_billions_is_found(width: int) -> None:
    rng = random.Random(width)
    inputs = [f"x{index}" for index in range(width)]
    key = "".join(rng.choice("01") for _ in inputs)
    chain: Tables = [([inputs[0]], "m0", [f"{key[0]} 1"])]
    for index in range(1, width):
        chain.append(([f"m{index - 1}", inputs[index]], f"m{index}", [f"1{key[index]} 1"]))
    same: Tables = [*chain, ([f"m{width - 1}", "x0"], "y", ["01 1"])]
    other: Tables = [*chain, ([f"m{width - 1}", "x0"], "y", ["01 1", "1- 1"])]
    one, two = (BLIF.parse_blif(text_of(inputs, ["y"], tables)) for tables in (same, other))
    if key[0] == "1":
        with pytest.raises(Infeasible, match="1 outputs differ"):
            PROOF.prove_equivalence(one, two, 60.0)
    with pytest.raises(Infeasible, match="1 outputs differ") as refusal:
        PROOF.prove_equivalence(two, one, 60.0)
    named = str(refusal.value)
    assert ("with " in named) == ("1" in key)


def test_names_are_hints_and_no_proof() -> None:
    given_text = text_of(["a", "b"], ["y"], [(["a", "b"], "n", ["11 1"]), (["n", "a"], "y", ["1- 1", "-1 1"])])
    swapped = text_of(["a", "b"], ["y"], [(["a", "b"], "n", ["1- 1"]), (["n"], "y", ["1 1"])])
    proof = PROOF.prove_equivalence(BLIF.parse_blif(given_text), BLIF.parse_blif(swapped), 10.0)
    assert proof.by_name + proof.by_cone + proof.by_structure + proof.by_sat + proof.left == 2


def test_every_method_of_proof_is_counted() -> None:
    text = multiplier("array_multiplier", 6)
    network = BLIF.parse_blif(text)
    proof = PROOF.prove_equivalence(network, network, 60.0)
    assert proof.by_name == len(network.tables)
    assert proof.left == proof.by_sat == proof.outputs_by_sat == 0


@pytest.mark.parametrize(
    ("fanins", "rows", "counts"),
    [
        ([], [], False),
        ([], ["1"], False),
        ([], ["0"], False),
        (["a"], ["1 1"], False),
        (["a"], ["0 0"], False),
        (["a"], ["0 1"], True),
        (["a"], ["1 0"], True),
        (["a"], ["- 1"], False),
        (["a", "b"], ["1- 1"], False),
        (["a", "b"], ["10 1", "11 1"], False),
        (["a", "b"], ["11 1"], True),
        (["a", "b"], ["0- 1"], True),
    ],
)
def test_wires_and_constants_are_free_and_inverters_are_not(
    fanins: list[str], rows: list[str], counts: bool
) -> None:
    network = BLIF.parse_blif(text_of(["a", "b"], ["y"], [(fanins, "y", rows)]))
    assert module("verifier_rules").count_luts(network) == int(counts)
