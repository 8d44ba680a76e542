"""The shipped instances: what they promise, how hard they are, and that the generator makes them again."""

import json
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from memory_scheduling_support import INSTANCES, PROBLEM, module

from heurigym.experts.scheduling.memory.bounds import combinatorial_bound
from heurigym.experts.scheduling.memory.lists import list_schedules
from heurigym.experts.scheduling.memory.problem import MemoryProblem

GENERATE = module("generate")


def content(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(INSTANCES[name].read()[0])
    return loaded


@pytest.fixture(scope="module")
def problems() -> dict[str, MemoryProblem]:
    return {name: MemoryProblem.of(content(name)) for name in INSTANCES}


@pytest.fixture(scope="module")
def one_pass_peaks(problems: dict[str, MemoryProblem]) -> dict[str, dict[str, int]]:
    return {
        name: {method: problem.peak(starts) for method, starts in list_schedules(problem).items()}
        for name, problem in problems.items()
    }


def test_the_splits_have_the_promised_numbers_and_sizes() -> None:
    assert len(PROBLEM.instances("demo")) == 5
    assert len(PROBLEM.instances("eval")) >= 20
    sizes = [int(instance.name.partition("_")[2]) for instance in PROBLEM.instances("eval")]
    assert {1000, 10_000, 50_000} <= set(sizes)
    for name in INSTANCES:
        assert 0.6 * int(name.partition("_")[2]) <= len(content(name)["nodes"]) <= int(name.partition("_")[2])


def test_all_instance_files_together_are_small() -> None:
    files = [file for instance in INSTANCES.values() for file in instance.files]
    assert sum(file.stat().st_size for file in files) < 8_000_000


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_instances_are_what_the_statement_says(name: str, problems: dict[str, MemoryProblem]) -> None:
    graph = content(name)
    names = [node for node, _, _ in graph["nodes"]]
    numbers = [number for _, *row in graph["nodes"] for number in row]
    assert all(type(number) is int for number in numbers)
    assert len(set(names)) == len(names)
    assert 70 <= len(names) <= 50_000
    assert len({tuple(edge) for edge in graph["edges"]}) == len(graph["edges"])
    assert len(set(graph["outputs"])) == len(graph["outputs"])
    longest = problems[name].graph.critical_path
    assert longest <= graph["deadline"] <= 4 * longest


def test_both_kinds_of_graphs_latencies_and_deadlines_are_there(problems: dict[str, MemoryProblem]) -> None:
    evals = [problems[instance.name] for instance in PROBLEM.instances("eval")]
    assert len({bool((problem.bits == 1).all()) for problem in evals}) == 2
    assert len({bool((problem.graph.latency == 1).all()) for problem in evals}) == 2
    assert len({problem.deadline == problem.graph.critical_path for problem in evals}) == 2


def test_no_schedule_without_a_choice_comes_near_the_expert(problems: dict[str, MemoryProblem]) -> None:
    for name, problem in problems.items():
        trivial = min(problem.peak(problem.earliest), problem.peak(problem.latest))
        assert PROBLEM.baselines[name].objective < GENERATE.TRIVIAL_MARGIN * trivial, name


def test_list_scheduling_is_far_from_the_expert(one_pass_peaks: dict[str, dict[str, int]]) -> None:
    qualities = [
        float(PROBLEM.baselines[instance.name].objective) / one_pass_peaks[instance.name]["list"]
        for instance in PROBLEM.instances("eval")
    ]
    assert mean(qualities) <= 0.85


def test_expert_values_lie_between_bounds_and_one_pass_schedules(
    problems: dict[str, MemoryProblem], one_pass_peaks: dict[str, dict[str, int]]
) -> None:
    for name, problem in problems.items():
        record = PROBLEM.baselines[name]
        assert record.bound is not None
        assert combinatorial_bound(problem) <= record.bound <= record.objective, name
        assert record.objective <= min(one_pass_peaks[name].values()), name


def test_the_generator_makes_shipped_instances_again(tmp_path: Path) -> None:
    for split, place in (("demo", 0), ("eval", 2)):
        sizes = {"demo": GENERATE.DEMO_SIZES, "eval": GENERATE.EVAL_SIZES}[split]
        drawn = GENERATE.draw_hard(f"shipped {split} {GENERATE.SHIPPED_SEED} {place}", sizes[place])
        name = f"{split}{place:02d}_{sizes[place]}"
        GENERATE.write(drawn, name, tmp_path)
        assert (tmp_path / f"{name}.json").read_bytes() == INSTANCES[name].read()[0]


def test_easy_draws_are_dropped() -> None:
    chain = {
        "name": "chain",
        "deadline": 4,
        "nodes": [[f"n{index}", 1, 8] for index in range(4)],
        "edges": [[f"n{index}", f"n{index + 1}"] for index in range(3)],
        "outputs": ["n3"],
    }
    assert not GENERATE.is_hard(MemoryProblem.of(chain))


def test_a_seed_makes_the_same_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GENERATE, "EVAL_SIZES", (100, 150))
    for folder in ("one", "two"):
        GENERATE.generate(3, 2, tmp_path / folder)
    GENERATE.generate(4, 2, tmp_path / "three")
    texts = [
        [path.read_text() for path in sorted((tmp_path / folder).iterdir())] for folder in ("one", "two", "three")
    ]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
