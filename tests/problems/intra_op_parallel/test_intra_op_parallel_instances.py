"""The shipped instances: what they promise, how hard they are, and that the generator makes them again."""

import json
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from intra_op_parallel_support import INSTANCES, PROBLEM, module

pytest.importorskip("numba", reason="numba is not installed: pip install 'heurigym[experts]'")

from heurigym.experts.sharding.greedy import greedy
from heurigym.experts.sharding.program import Program

GENERATE = module("generate")


def content(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(INSTANCES[name].read()[0])
    return loaded


@pytest.fixture(scope="module")
def programs() -> dict[str, Program]:
    return {name: Program.of(content(name)) for name in INSTANCES}


def test_the_splits_have_the_promised_numbers_and_sizes(programs: dict[str, Program]) -> None:
    assert len(PROBLEM.instances("demo")) == 5
    assert len(PROBLEM.instances("eval")) >= 20
    sizes = [int(instance.name.partition("_")[2]) for instance in PROBLEM.instances("eval")]
    assert {1000, 20_000} <= set(sizes)
    assert min(sizes) <= 40
    for name, program in programs.items():
        assert 0.6 * int(name.partition("_")[2]) <= len(program.costs) <= int(name.partition("_")[2])


def test_all_instance_files_together_are_small() -> None:
    files = [file for instance in INSTANCES.values() for file in instance.files]
    assert sum(file.stat().st_size for file in files) < 8_000_000
    solutions = (PROBLEM.folder / "baseline_solutions").iterdir()
    assert sum(file.stat().st_size for file in solutions) < 2_000_000


def test_instances_are_what_the_statement_says(programs: dict[str, Program]) -> None:
    for name, program in programs.items():
        assert 15 <= len(program.costs) <= 20_000, name
        assert sum(len(table) for table in program.tables) <= 1_000_000, name
        assert program.limit is not None, name
        assert program.fits(program.frugal()), name
        cheapest = [min(range(len(costs)), key=costs.__getitem__) for costs in program.costs]
        assert all(tail < head for tail, head in program.pairs), name
        assert program.peak(cheapest) > program.peak(program.frugal()), name


def test_several_families_steps_and_meshes_are_there() -> None:
    names = [content(instance.name)["problem"]["name"] for instance in PROBLEM.instances("eval")]
    assert len({name.partition("_")[0] for name in names}) >= 4
    assert any("_train_" in name for name in names)
    assert any("_infer_" in name for name in names)


def test_every_expert_value_is_positive_and_no_trivial_choice_comes_near(programs: dict[str, Program]) -> None:
    for name, program in programs.items():
        assert PROBLEM.baselines[name].objective > 0
        for chosen in (program.frugal(), [0] * len(program.costs)):
            if program.fits(chosen):
                assert PROBLEM.baselines[name].objective < 0.995 * program.cost(chosen), name


def test_one_pass_is_far_from_the_expert(programs: dict[str, Program]) -> None:
    qualities = []
    for instance in PROBLEM.instances("eval"):
        program = programs[instance.name]
        chosen = greedy(program)
        assert program.fits(chosen)
        qualities.append(float(PROBLEM.baselines[instance.name].objective) / program.cost(chosen))
    assert max(qualities) < 0.995
    assert mean(qualities) <= 0.85


@pytest.mark.parametrize("name", ["demo00_40", "eval02_60", "eval07_200"])
def test_the_generator_makes_shipped_instances_again(name: str, tmp_path: Path) -> None:
    split, place, size = name[:4], int(name[4:6]), int(name.partition("_")[2])
    GENERATE.write(GENERATE.draw_hard(f"shipped {split} {GENERATE.SHIPPED_SEED} {place}", size), name, tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == INSTANCES[name].files[0].read_bytes()


def test_easy_draws_are_dropped() -> None:
    easy = {
        "problem": {
            "name": "easy",
            "nodes": {"intervals": [[0, 2], [1, 2]], "costs": [[1, 2], [3, 4]], "usages": [[1, 2], [1, 1]]},
            "edges": {"nodes": [[0, 1]], "costs": [[0, 1, 1, 0]]},
            "usage_limit": 2,
        }
    }
    assert not GENERATE.is_hard(easy)


def test_a_seed_makes_the_same_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GENERATE, "EVAL_SIZES", (60, 100))
    for folder, seed in (("one", 3), ("two", 3), ("three", 4)):
        GENERATE.generate(seed, 2, tmp_path / folder)
    texts = [
        [path.read_bytes() for path in sorted((tmp_path / folder).iterdir())] for folder in ("one", "two", "three")
    ]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_gradients_and_lifetimes_of_a_dense_layer() -> None:
    tensors = module("intra_op_parallel_tensors")
    program = tensors.Program({"b": 8, "d": 16, "f": 32})
    data = program.source("bd")
    weight = program.weight("df")
    result = program.product((data, "bd"), (weight, "df"), "bf")
    program.train(result)
    gradient, update = program.nodes[-2:]
    assert gradient.letters == "df"
    assert gradient.summed == "b"
    assert {letters for _, letters in gradient.operands} == {"bf", "bd"}
    assert update.kind == tensors.OUTPUT
    intervals = program.intervals()
    assert intervals[weight] == (0, 4)
    assert intervals[data] == (0, 3)
    assert intervals[result] == (0, 2)


def test_resharding_costs_nothing_where_nothing_moves() -> None:
    mesh_module = module("intra_op_parallel_mesh")
    mesh = mesh_module.Mesh((2, 4), (10.0, 40.0), 1e4, 1e3, 500.0)
    assert mesh_module.resharding(8000, mesh, (0, 1), (0, 1)) == 0
    assert mesh_module.resharding(8000, mesh, (-1, -1), (0, 1)) == 0
    # A gather along the slow axis: 4000 bytes from the other device at 10 bytes in a nanosecond.
    assert mesh_module.resharding(8000, mesh, (0, -1), (-1, -1)) == 500 + 400
    # Splitting along the fast axis comes first, and leaves a quarter to gather.
    assert mesh_module.resharding(8000, mesh, (0, -1), (-1, 1)) == 500 + 100
