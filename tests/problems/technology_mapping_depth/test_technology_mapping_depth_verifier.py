"""The verifier: depth as the statement defines it, and everything else by the code of technology_mapping."""

import shutil
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from technology_mapping_depth_support import PROBLEM, unpacked

from heurigym.problems import Outcome, Verdict
from heurigym.problems.instances import Instance, read_packed

Verify = Callable[[Instance, Path], Verdict]
Tables = list[tuple[list[str], str, list[str]]]
ABC = next((name for name in ("abc", "berkeley-abc", "yosys-abc") if shutil.which(name)), None)
CHECKED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def networks(draw: st.DrawFn) -> Tables:
    """Tables over the inputs a, b and c; constants, wires and complements are among them."""
    nets, tables = ["a", "b", "c"], []
    for index in range(draw(st.integers(1, 8))):
        fanins = draw(st.lists(st.sampled_from(nets), max_size=3))
        cube = st.text("01-", min_size=len(fanins), max_size=len(fanins))
        rows = [f"{row} 1".strip() for row in draw(st.lists(cube, max_size=3))]
        tables.append((fanins, f"n{index}", rows))
        nets.append(f"n{index}")
    return tables


def slow_depth(tables: Tables) -> int:
    """The depth of the deepest net, by the statement's sentences."""
    depth = {"a": 0, "b": 0, "c": 0}
    for fanins, net, rows in tables:
        values = {
            bits: any(
                all(p in ("-", b) for p, b in zip(row.split()[0], bits, strict=True)) if fanins else True
                for row in rows
            )
            for bits in product("01", repeat=len(fanins))
        }
        constant = len(set(values.values())) == 1
        wire = any(all((bits[i] == "1") == value for bits, value in values.items()) for i in range(len(fanins)))
        depth[net] = max([depth[fanin] for fanin in fanins], default=0) + (not constant and not wire)
    return max(depth.values())


@CHECKED
@given(tables=networks(), bound=st.integers(1, 4))
def test_depth_is_what_the_statement_says(tmp_path: Path, verify: Verify, tables: Tables, bound: int) -> None:
    lines = [".model random", ".inputs a b c", f".outputs {tables[-1][1]}"]
    for fanins, net, rows in tables:
        lines += [" ".join([".names", *fanins, net]), *rows]
    instance = Instance("random", (tmp_path / "instance.blif", tmp_path / "instance.depth"))
    instance.files[0].write_text("\n".join([*lines, ".end", ""]))
    instance.files[1].write_text(f"{bound}\n")
    verdict = verify(instance, instance.files[0])
    depth = slow_depth(tables)
    assert (verdict.outcome is Outcome.FEASIBLE) == (depth <= bound), verdict
    assert depth <= bound or f"is {depth}" in verdict.message


@pytest.mark.parametrize("name", [instance.name for instance in PROBLEM.instances("demo")])
def test_expert_solutions_keep_the_bound_and_use_it_up(name: str, tmp_path: Path, verify: Verify) -> None:
    instance, record, solution = unpacked(name, tmp_path), PROBLEM.baselines[name], tmp_path / "solution.blif"
    assert record.solution is not None
    solution.write_bytes(read_packed(PROBLEM.folder / record.solution))
    assert verify(instance, solution).objective == record.objective
    instance.files[1].write_text("1\n")
    assert "deeper than 1" in verify(instance, solution).message


@pytest.mark.skipif(ABC is None, reason="ABC is not installed")
@pytest.mark.parametrize("name", ["alu_10", "float_adder_16", "sorter_6"])
def test_what_abc_maps_for_delay_is_as_shallow_as_asked(name: str, tmp_path: Path, verify: Verify) -> None:
    assert ABC is not None
    instance, solution = unpacked(name, tmp_path), tmp_path / "mapped.blif"
    command = f"read_blif {instance.files[0]}; strash; if -K 6; write_blif {solution}"
    subprocess.run([ABC, "-q", command], check=True, capture_output=True, cwd=tmp_path)
    verdict = verify(instance, solution)
    assert verdict.objective is not None, verdict.message
    assert verdict.objective >= PROBLEM.baselines[name].objective


def test_equivalence_is_checked_by_the_code_of_technology_mapping() -> None:
    other = PROBLEM.folder.parent / "technology_mapping"
    shared = {"verifier_blif.py", "verifier_graph.py", "verifier_proof.py", "verifier_rules.py", "verifier_sat.py"}
    for name in shared:
        assert (PROBLEM.folder / name).read_bytes() == (other / name).read_bytes()
