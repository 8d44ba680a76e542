"""Instances made again from their recipes, the ladder, and a program written for another harness's signature."""

from pathlib import Path

import pytest
from technology_mapping_support import INSTANCES, PROBLEM, module, unpacked, verify

from heurigym.problems import Outcome

GENERATE = module("generate")
BLIF = module("verifier_blif")


def test_there_are_enough_instances() -> None:
    assert len(PROBLEM.instances("demo")) == 5
    assert len(PROBLEM.instances("eval")) >= 24


@pytest.mark.parametrize("split", ["demo", "eval"])
def test_shipped_instances_come_from_their_recipes(split: str, tmp_path: Path) -> None:
    for recipe in GENERATE.SHIPPED[split]:
        GENERATE.write(recipe, tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(instance.files[0].name for instance in PROBLEM.instances(split))
    for instance in PROBLEM.instances(split):
        assert (tmp_path / instance.files[0].name).read_bytes() == instance.files[0].read_bytes()


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_every_instance_is_what_the_statement_says(name: str) -> None:
    network = BLIF.parse_blif(INSTANCES[name].read()[0].decode())
    assert 150 <= len(network.tables) <= 8500
    assert all(len(table.fanins) <= 2 for table in network.tables.values())


def test_generation_depends_on_the_seed_alone(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second", "other")]
    for folder, seed in zip(folders, (5, 5, 6), strict=True):
        GENERATE.generate(seed, 3, folder)
    contents = [{path.name: path.read_bytes() for path in sorted(folder.iterdir())} for folder in folders]
    assert contents[0] == contents[1] != contents[2]


@pytest.mark.parametrize("name", ["alu_12", "dadda_multiplier_10"])
def test_the_ladder_goes_from_naive_to_good(name: str, tmp_path: Path) -> None:
    instance, solution = unpacked(name, tmp_path), tmp_path / "solution.blif"
    with pytest.raises(ValueError, match="Expecting value"):
        module("ladder/01_crash").solve(str(instance), str(solution))
    module("ladder/02_infeasible").solve(str(instance), str(solution))
    assert verify(instance, solution).outcome is Outcome.INFEASIBLE
    areas = []
    for rung in ("03_one_lut_per_gate", "04_greedy_cones", "05_least_depth", "06_priority_cuts"):
        module(f"ladder/{rung}").solve(str(instance), str(solution))
        areas.append(verify(instance, solution).objective)
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) == 4
    assert areas[3] >= PROBLEM.baselines[name].objective
