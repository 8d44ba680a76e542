"""The shipped instances: what they promise, how hard they are, and that the generator makes them again."""

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

pytest.importorskip("numba", reason="the generator needs heurigym[experts]")

import numpy as np
from resource_scheduling_support import INSTANCES, PROBLEM, module

from heurigym.experts.scheduling.resource.lists import searched_caps
from heurigym.experts.scheduling.resource.problem import ResourceProblem

GENERATE = module("generate")


def content(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(INSTANCES[name].read()[0])
    return loaded


def quality(name: str, objective: int) -> float:
    return min(1.0, float(PROBLEM.baselines[name].objective) / objective)


def test_the_splits_have_the_promised_numbers_and_sizes() -> None:
    assert len(PROBLEM.instances("demo")) == 5
    assert len(PROBLEM.instances("eval")) >= 20
    sizes = [int(instance.name.partition("_")[2]) for instance in PROBLEM.instances("eval")]
    assert min(sizes) < 100
    assert max(sizes) == 20_000


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_instances_are_what_the_statement_says(name: str) -> None:
    graph = content(name)
    nodes = dict(graph["nodes"])
    assert len(nodes) == len(graph["nodes"])
    assert 0.6 * int(name.partition("_")[2]) <= len(nodes) <= int(name.partition("_")[2])
    kinds = set(nodes.values())
    assert kinds == set(graph["delay"]) == set(graph["occupancy"]) == set(graph["weight"])
    assert 2 <= len(kinds) <= 7
    assert all(1 <= graph["occupancy"][kind] <= graph["delay"][kind] for kind in kinds)
    assert all(type(field) is str for row in [*graph["nodes"], *graph["edges"]] for field in row)
    problem = ResourceProblem.from_json(graph)
    assert graph["deadline"] == problem.graph.critical_path


def test_trivial_heuristics_are_far_from_the_expert_on_every_instance() -> None:
    one_pass = []
    for name in INSTANCES:
        problem = ResourceProblem.from_json(content(name))
        best = min(map(problem.objective, GENERATE.one_pass_schedules(problem)))
        caps = problem.objective(searched_caps(problem, GENERATE.work_units(problem)))
        assert max(quality(name, best), quality(name, caps)) < 0.995, name
        one_pass.append(quality(name, best))
    assert mean(one_pass) <= 0.9


def test_a_draw_is_dropped_when_list_scheduling_is_as_good_as_the_search() -> None:
    hardware = {"delay": {"add": 1}, "occupancy": {"add": 1}, "weight": {"add": 2}}
    chain = {
        "nodes": [[f"n{k}", "add"] for k in range(6)],
        "edges": [[f"n{k}", f"n{k + 1}", "0"] for k in range(5)],
    }
    assert not GENERATE.discriminates(ResourceProblem.from_json({**hardware, **chain, "deadline": 6}))
    assert GENERATE.discriminates(ResourceProblem.from_json(content("eval03_120")))


def test_what_list_scheduling_solves_is_redrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[bool] = []

    def discriminates(problem: ResourceProblem) -> bool:
        judged.append(len(judged) == 3)
        return judged[-1]

    monkeypatch.setattr(GENERATE, "discriminates", discriminates)
    drawn = GENERATE.draw_discriminating("redrawn", 80)
    assert judged == [False, False, False, True]
    source = random.Random("redrawn")
    family = source.choice((GENERATE.draw_kernels, GENERATE.draw_layers))
    assert [GENERATE.draw(source, family(source, 80)) for _ in judged][-1] == drawn


@pytest.mark.parametrize("name", ["demo00_80", "eval03_120", "eval05_180"])
def test_the_generator_makes_the_shipped_instances_again(name: str, tmp_path: Path) -> None:
    split, index, size = re.fullmatch(r"([a-z]+)(\d+)_(\d+)", name).groups()  # type: ignore[union-attr]
    seed = f"shipped {split} {GENERATE.SHIPPED_SEED} {int(index)}"
    GENERATE.write(GENERATE.draw_discriminating(seed, int(size)), name, tmp_path)
    assert (tmp_path / f"{name}.json").read_bytes() == INSTANCES[name].read()[0]


def test_fresh_instances_depend_on_the_seed_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GENERATE, "EVAL_SIZES", (60, 90))
    for folder, seed in (("one", 5), ("again", 5), ("other", 6)):
        GENERATE.generate(seed, 3, tmp_path / folder)
    one, again, other = (
        [path.read_bytes() for path in sorted((tmp_path / folder).iterdir())]
        for folder in ("one", "again", "other")
    )
    assert len(one) == 3
    assert one == again
    assert not set(one) & set(other)


def test_the_families_differ() -> None:
    source = random.Random(1)
    kernels, layers = GENERATE.draw_kernels(source, 200), GENERATE.draw_layers(source, 200)
    assert layers.name == "layers" != kernels.name
    for drawn in (kernels, layers):
        assert 100 <= len(drawn.kinds) <= 200
        assert np.all(np.diff(np.array(drawn.edges)) > 0)


def test_the_generator_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, PROBLEM.folder / "generate.py", "--seed", "10", "--count", "1", "--out", tmp_path]
    subprocess.run(command, check=True, timeout=300)
    assert [path.name.partition("_")[0] for path in tmp_path.iterdir()] == ["fresh00"]
