"""Instances: made again from their recipes, bounded by the least depth of their gates, and what the ladder does."""

from collections.abc import Callable
from pathlib import Path

import pytest
from technology_mapping_depth_support import INSTANCES, PROBLEM, module, unpacked

from heurigym.experts.mapping.blif import parse_blif
from heurigym.experts.mapping.structure import Structure, shallowest_cover
from heurigym.problems import Outcome, Verdict
from heurigym.problems.instances import Instance

Verify = Callable[[Instance, Path], Verdict]


def test_there_are_enough_instances() -> None:
    assert len(PROBLEM.instances("demo")) == 5
    assert len(PROBLEM.instances("eval")) >= 20


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_the_bound_is_the_least_depth_of_the_given_gates(name: str) -> None:
    circuit, bound = (content.decode() for content in INSTANCES[name].read())
    aig = parse_blif(circuit).aig
    assert 150 <= len(aig.gates) <= 8000
    assert bound == f"{shallowest_cover(Structure.of(aig, 6)).depth()}\n"


@pytest.mark.parametrize("split", ["demo", "eval"])
def test_shipped_instances_come_from_their_recipes(split: str, tmp_path: Path) -> None:
    generate = module("generate")
    for recipe in generate.SHIPPED[split]:
        generate.write(recipe, tmp_path)
    shipped = {path.name: path for path in (PROBLEM.folder / "instances" / split).iterdir()}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(shipped)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == shipped[path.name].read_bytes()


def test_generation_depends_on_the_seed_alone(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second", "other")]
    for folder, seed in zip(folders, (5, 5, 6), strict=True):
        module("generate").generate(seed, 3, folder)
    contents = [{path.name: path.read_bytes() for path in sorted(folder.iterdir())} for folder in folders]
    assert contents[0] == contents[1] != contents[2]
    assert len(contents[0]) == 6


def test_the_first_rung_crashes(tmp_path: Path) -> None:
    instance = unpacked("alu_10", tmp_path)
    with pytest.raises(TypeError):
        module("ladder/01_crash").solve(*map(str, instance.files), str(tmp_path / "solution.blif"))


@pytest.mark.parametrize("name", ["alu_10", "prefix_adder_24", "sorter_6"])
def test_the_ladder_goes_from_too_deep_to_good(name: str, tmp_path: Path, verify: Verify) -> None:
    instance, solution = unpacked(name, tmp_path), tmp_path / "solution.blif"
    verdicts = []
    for rung in ("02_too_deep", "03_quickest_cuts", "04_priority_cuts_in_time"):
        module(f"ladder/{rung}").solve(*map(str, instance.files), str(solution))
        verdicts.append(verify(instance, solution))
    too_deep, quickest, in_time = verdicts
    assert too_deep.outcome is Outcome.INFEASIBLE
    assert "deeper than" in too_deep.message
    assert quickest.objective is not None
    assert in_time.objective is not None
    assert quickest.objective > in_time.objective >= PROBLEM.baselines[name].objective
