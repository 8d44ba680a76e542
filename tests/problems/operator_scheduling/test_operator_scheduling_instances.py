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
from operator_scheduling_support import INSTANCES, PROBLEM, module

GENERATE = module("generate")
LISTS = module("list_scheduling")


def content(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(INSTANCES[name].read()[0])
    return loaded


def quality(name: str, latency: int) -> float:
    return min(1.0, float(PROBLEM.baselines[name].objective) / latency)


def test_the_splits_have_the_promised_numbers_and_sizes() -> None:
    assert len(PROBLEM.instances("demo")) >= 5
    assert len(PROBLEM.instances("eval")) >= 24
    sizes = [int(instance.name.partition("_")[2]) for instance in PROBLEM.instances("eval")]
    assert {1000, 10_000, 50_000} <= set(sizes)
    for name in INSTANCES:
        assert 0.6 * int(name.partition("_")[2]) <= len(content(name)["nodes"]) <= int(name.partition("_")[2])


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_instances_are_what_the_statement_says(name: str) -> None:
    graph = content(name)
    nodes = dict(graph["nodes"])
    assert len(nodes) == len(graph["nodes"])
    assert 20 <= len(nodes) <= 50_000
    assert set(nodes.values()) == set(graph["delay"]) == set(graph["resource"])
    assert 1 <= len(graph["delay"]) <= 10
    numbers = [*graph["delay"].values(), *graph["resource"].values()]
    assert all(type(number) is int and number >= 1 for number in numbers)
    assert all(type(field) is str for row in [*graph["nodes"], *graph["edges"]] for field in row)
    assert all(tail in nodes and head in nodes for tail, head, _ in graph["edges"])
    assert len(LISTS.Graph.from_json(graph).order) == len(nodes)


def test_easy_methods_are_far_from_the_expert_on_the_eval_split() -> None:
    critical_path, random_orders = [], []
    for instance in PROBLEM.instances("eval"):
        graph = LISTS.Graph.from_json(content(instance.name))
        critical_path.append(quality(instance.name, LISTS.latency(graph, LISTS.critical_path_schedule(graph))))
        source = random.Random(instance.name)
        orders = [LISTS.random_order(graph, source) for _ in range(3 if len(graph) < 5000 else 1)]
        latencies = [LISTS.latency(graph, LISTS.serial_schedule(graph, order)) for order in orders]
        random_orders.append(mean(quality(instance.name, latency) for latency in latencies))
    assert mean(critical_path) <= 0.93
    assert mean(random_orders) <= 0.75
    assert sum(value > 0.97 for value in critical_path) <= len(critical_path) / 4


@pytest.mark.parametrize("name", ["demo00_60", "demo03_1000", "eval09_300", "eval13_500", "eval17_1000"])
def test_the_generator_makes_the_shipped_instances_again(name: str, tmp_path: Path) -> None:
    split, index, size = re.fullmatch(r"([a-z]+)(\d+)_(\d+)", name).groups()  # type: ignore[union-attr]
    seed = f"shipped {split} {GENERATE.SHIPPED_SEED} {int(index)}"
    GENERATE.write(GENERATE.draw_tight(seed, int(size)), name, tmp_path)
    assert (tmp_path / f"{name}.json").read_bytes() == INSTANCES[name].read()[0]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GENERATE, "EVAL_SIZES", (100, 200, 300))


@pytest.mark.usefixtures("small")
def test_fresh_instances_depend_on_the_seed_alone(tmp_path: Path) -> None:
    for folder, seed in (("one", 5), ("again", 5), ("other", 6)):
        GENERATE.generate(seed, 4, tmp_path / folder)
    one, again, other = (
        [path.read_bytes() for path in sorted((tmp_path / folder).iterdir())]
        for folder in ("one", "again", "other")
    )
    assert len(one) == 4
    assert one == again
    assert not set(one) & set(other)


@pytest.mark.usefixtures("small")
def test_fresh_instances_are_tight(tmp_path: Path) -> None:
    GENERATE.generate(8, 5, tmp_path)
    qualities = []
    for path in tmp_path.iterdir():
        graph = LISTS.Graph.from_json(json.loads(path.read_text()))
        source = random.Random(path.name)
        starts = [LISTS.parallel_schedule(graph, [source.random() for _ in range(len(graph))]) for _ in range(10)]
        best = min(LISTS.latency(graph, LISTS.justified(graph, start, 20)) for start in starts)
        qualities.append(best / LISTS.latency(graph, LISTS.critical_path_schedule(graph)))
        assert graph.bound <= best
    assert mean(qualities) <= 0.95


def test_the_generator_runs_as_a_command(tmp_path: Path) -> None:
    command = [
        sys.executable,
        PROBLEM.folder / "generate.py",
        "--seed",
        "3",
        "--count",
        "2",
        "--out",
        tmp_path / "new",
    ]
    subprocess.run(command, check=True, timeout=120)
    assert len(list((tmp_path / "new").iterdir())) == 2
