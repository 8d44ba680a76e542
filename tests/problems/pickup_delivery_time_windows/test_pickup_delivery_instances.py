"""The shipped instances: what they promise, how hard they are, and that the generator makes them again."""

from pathlib import Path
from statistics import mean

import pytest
from pickup_delivery_support import INSTANCES, PROBLEM, module, requests_of

pytest.importorskip("numba", reason="numba is not installed: pip install 'heurigym[experts]'")

from heurigym.experts.routing.construction import cheapest_insertion, nearest_stops
from heurigym.experts.routing.network import HUNDREDTHS, PickupDelivery

GENERATE = module("generate")
EVALS = [instance.name for instance in PROBLEM.instances("eval")]


@pytest.fixture(scope="module")
def problems() -> dict[str, PickupDelivery]:
    return {name: PickupDelivery.parse(instance.read()[0].decode()) for name, instance in INSTANCES.items()}


def quality(name: str, problem: PickupDelivery, routes: list[list[int]]) -> float:
    return HUNDREDTHS * float(PROBLEM.baselines[name].objective) / problem.distance(routes)


def test_the_splits_have_the_promised_numbers_and_sizes(problems: dict[str, PickupDelivery]) -> None:
    assert len(PROBLEM.instances("demo")) == 5
    assert len(EVALS) >= 20
    assert {requests_of(name) for name in EVALS} >= {10, 100, 400}
    for name, problem in problems.items():
        assert problem.requests == requests_of(name)


def test_all_kinds_are_there(problems: dict[str, PickupDelivery]) -> None:
    assert {problem.name.rpartition("_")[0] for name, problem in problems.items() if name in EVALS} == {
        "_".join(kind) for kind in GENERATE.KINDS
    }


def test_all_files_together_are_small() -> None:
    files = [file for instance in INSTANCES.values() for file in instance.files]
    assert sum(file.stat().st_size for file in files) < 8_000_000
    solutions = list((PROBLEM.folder / "baseline_solutions").iterdir())
    assert sum(file.stat().st_size for file in solutions) < 2_000_000


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_instances_are_what_the_statement_says(
    name: str, problems: dict[str, PickupDelivery], tmp_path: Path
) -> None:
    (tmp_path / "instance.pdptw").write_bytes(INSTANCES[name].read()[0])
    tasks = module("verifier_tasks").read_tasks(tmp_path / "instance.pdptw")
    assert tasks.depot == 1
    assert set(tasks.nodes) == set(range(1, 2 * requests_of(name) + 2))
    problem = problems[name]
    assert all(
        problem.is_feasible([1 + request, 1 + problem.requests + request]) for request in range(problem.requests)
    )


def test_no_trivial_heuristic_comes_near_the_expert(problems: dict[str, PickupDelivery]) -> None:
    for name, problem in problems.items():
        for make in (nearest_stops, cheapest_insertion):
            assert quality(name, problem, make(problem)) < GENERATE.TRIVIAL_MARGIN, (name, make)


def test_one_pass_insertion_is_far_from_the_expert(problems: dict[str, PickupDelivery]) -> None:
    assert mean(quality(name, problems[name], cheapest_insertion(problems[name])) for name in EVALS) <= 0.85


def test_the_generator_makes_shipped_instances_again(tmp_path: Path) -> None:
    for split, most in (("demo", 25), ("eval", 35)):
        for name, drawn in GENERATE.shipped(split, most):
            GENERATE.write(drawn, name, tmp_path)
            assert (tmp_path / f"{name}.pdptw").read_bytes() == INSTANCES[name].read()[0], name


def test_easy_draws_are_dropped() -> None:
    row = (0, 90, 1, 0, 3)
    alone = GENERATE.Drawn(
        "alone", 1, 9, [(0, 0), (3, 4), (6, 8)], [(0, 0, 99, 0, 0, 0), (5, *row), (-5, 0, 90, 1, 2, 0)]
    )
    assert not GENERATE.is_hard(GENERATE.quick_search(alone))


def test_a_seed_makes_the_same_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GENERATE, "EVAL_SIZES", (10, 12))
    for folder in ("one", "two"):
        GENERATE.generate(3, 2, tmp_path / folder)
    GENERATE.generate(4, 2, tmp_path / "three")
    texts = [
        [path.read_text() for path in sorted((tmp_path / folder).iterdir())] for folder in ("one", "two", "three")
    ]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_large_instances_are_packed_the_same_each_time(tmp_path: Path) -> None:
    drawn = GENERATE.draw(GENERATE.random.Random(1), GENERATE.PACKED_FROM, GENERATE.KINDS[0])
    packed = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        GENERATE.write(drawn, "large", tmp_path / name)
        packed.append((tmp_path / name / "large.pdptw.gz").read_bytes())
    assert packed[0] == packed[1]
