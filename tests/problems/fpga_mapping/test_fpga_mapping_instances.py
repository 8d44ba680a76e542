"""Instances: what the statement says of them, made again from their recipes, and what the ladder makes of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from fpga_mapping_support import INSTANCES, PROBLEM, module, unpacked, verify

from heurigym.problems import Outcome

SMALL = sorted(name for name, instance in INSTANCES.items() if len(instance.read()[0]) < 25_000)
GENERATE = module("generate")


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_every_instance_is_what_the_statement_says(name: str) -> None:
    content = json.loads(INSTANCES[name].read()[0])
    assert sorted(content) == ["gates", "inputs", "k", "max_depth", "name", "outputs"]
    assert 3 <= content["k"] <= 6
    first = content["inputs"] + 1
    gates, outputs = np.array(content["gates"]), np.array(content["outputs"])
    assert 100 <= len(gates) == len(np.unique(gates, axis=0))
    left, right = gates.T
    assert ((left >= 2) & (left < right) & (right < 2 * (first + np.arange(len(gates))))).all()
    # Every gate is an output or has a reader after it, so by induction from the last one all are needed.
    read = np.concatenate([gates.ravel(), outputs]) >> 1
    assert set(range(first, first + len(gates))) <= set(read.tolist())


def test_there_are_enough_instances() -> None:
    assert len(PROBLEM.instances("demo")) == 5
    assert len(PROBLEM.instances("eval")) >= 24


@pytest.mark.parametrize("split", ["demo", "eval"])
def test_shipped_instances_come_from_their_recipes(split: str, tmp_path: Path) -> None:
    recipes = [recipe for recipe in GENERATE.SHIPPED[split] if recipe.name in SMALL and recipe.slack is None]
    for recipe in recipes:
        GENERATE.write(recipe, tmp_path)
        assert (tmp_path / f"{recipe.name}.json").read_bytes() == INSTANCES[recipe.name].read()[0]
    assert recipes


def test_generation_depends_on_the_seed_alone(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second", "other")]
    for folder, seed in zip(folders, (5, 5, 6), strict=True):
        GENERATE.generate(seed, 3, folder)
    contents = [{path.name: path.read_bytes() for path in sorted(folder.iterdir())} for folder in folders]
    assert contents[0] == contents[1] != contents[2]
    assert len(contents[0]) == 3


@pytest.mark.parametrize("name", ["alu_8", "float_adder_16_fast"])
def test_the_ladder_goes_from_naive_to_good(name: str, tmp_path: Path) -> None:
    instance, solution = unpacked(name, tmp_path), tmp_path / "solution.txt"
    with pytest.raises(KeyError):
        module("ladder/01_crash").solve(str(instance), str(solution))
    module("ladder/02_infeasible").solve(str(instance), str(solution))
    assert verify(instance, solution).outcome is Outcome.INFEASIBLE
    areas = []
    for rung in ("03_one_lut_per_gate", "04_greedy_cones", "05_least_depth", "06_priority_cuts"):
        module(f"ladder/{rung}").solve(str(instance), str(solution))
        verdict = verify(instance, solution)
        areas.append(verdict.objective)
    assert areas[3] is not None
    assert areas[2] is not None
    assert areas[3] < areas[2]
    if name == "alu_8":
        assert areas[0] > areas[1] > areas[2]
    assert areas[3] >= PROBLEM.baselines[name].objective
