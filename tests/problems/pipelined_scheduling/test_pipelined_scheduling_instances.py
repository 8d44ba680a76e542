"""The shipped instances: what they promise, how hard they are, and that the generator makes them again."""

import re
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

pytest.importorskip("numba", reason="the generator needs heurigym[experts]")

from pipelined_scheduling_support import INSTANCES, PROBLEM, content, module

from heurigym.experts.scheduling.modulo.bounds import least_interval
from heurigym.experts.scheduling.modulo.loop import loop_from_json, objective

GENERATE = module("generate")


def quality(name: str, value: int) -> float:
    return min(1.0, float(PROBLEM.baselines[name].objective) / value)


def test_the_splits_have_the_promised_numbers_and_sizes() -> None:
    assert len(PROBLEM.instances("demo")) >= 5
    assert len(PROBLEM.instances("eval")) >= 20
    sizes = [int(instance.name.partition("_")[2]) for instance in PROBLEM.instances("eval")]
    assert {1000, 10_000} <= set(sizes)
    size = sum(file.stat().st_size for instance in INSTANCES.values() for file in instance.files)
    assert size < 2_000_000


@pytest.mark.parametrize("name", sorted(INSTANCES))
def test_instances_are_what_the_statement_says(name: str, tmp_path: Path) -> None:
    (tmp_path / "instance.json").write_bytes(INSTANCES[name].read()[0])
    loop = module("verifier_loop").read_loop(tmp_path / "instance.json")
    asked = int(name.partition("_")[2])
    assert 0.7 * asked <= len(loop.operations) <= asked
    assert 20 <= len(loop.operations) <= 10_000
    assert any(edge.distance > 0 for edge in loop.edges)
    least = least_interval(loop_from_json(content(name)))
    if loop.most is None:
        assert loop.least == least
        assert loop.interval_weight == sum(operation.bits for operation in loop.operations.values()) + 1
    else:
        assert loop.least == loop.most >= least
        assert loop.interval_weight == 0


def test_both_kinds_of_interval_and_both_sources_of_loops_are_there() -> None:
    contents = [content(name) for name in INSTANCES]
    assert sum(loop["interval"]["most"] is None for loop in contents) >= 6
    assert sum(loop["interval"]["most"] is not None for loop in contents) >= 6
    assert 3 <= sum(loop["name"] == "random" for loop in contents) <= len(contents) / 2
    assert len({kernel for loop in contents for kernel in loop["name"].split("+")}) >= 15


@pytest.fixture(scope="module")
def trivial() -> dict[str, dict[str, float]]:
    """Qualities of the trivial heuristics against the expert values."""
    found = {}
    for name in INSTANCES:
        loop = loop_from_json(content(name))
        schedules = GENERATE.trivial_schedules(loop)
        found[name] = {rung: quality(name, objective(loop, schedule)) for rung, schedule in schedules.items()}
    return found


def test_no_instance_is_easy(trivial: dict[str, dict[str, float]]) -> None:
    assert not [name for name, qualities in trivial.items() if GENERATE.is_easy(qualities)]


def test_simple_methods_are_far_from_the_expert_on_the_eval_split(trivial: dict[str, dict[str, float]]) -> None:
    rows = [trivial[instance.name] for instance in PROBLEM.instances("eval")]
    assert mean(row["one pass"] for row in rows) <= 0.75
    assert mean(row["iterative"] for row in rows) <= 0.85
    assert len({round(row["iterative"], 1) for row in rows}) >= 5, "spread"


def test_registers_stay_below_the_weight_of_the_interval(trivial: dict[str, dict[str, float]]) -> None:
    """So a shorter interval always wins among the schedules that simple methods find."""
    for name in INSTANCES:
        loop = loop_from_json(content(name))
        if loop.interval_weight:
            for schedule in GENERATE.trivial_schedules(loop).values():
                longer = loop.interval_weight * (schedule.interval - loop.least)
                assert objective(loop, schedule) - longer < loop.interval_weight, name


def test_a_draw_on_which_a_trivial_heuristic_is_as_good_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert GENERATE.is_easy({"one pass": 0.5, "iterative": 0.995})
    assert not GENERATE.is_easy({"one pass": 0.99, "iterative": 0.99})
    drawn: list[dict[str, Any]] = []
    easy = {
        "name": "easy",
        "interval": {"least": 1, "most": None, "weight": 0},
        "resources": {"add": {"latency": 1, "blocking": 1, "units": 1}},
        "operations": [["a", "add", 8], ["b", "add", 8]],
        "edges": [["a", "b", 0, 0, "data"], ["b", "a", 0, 2, "data"]],
    }
    hard = content("demo01_100")

    def draw(source: Any, size: int) -> dict[str, Any]:
        drawn.append({**(easy if len(drawn) < 3 else hard)})
        return drawn[-1]

    monkeypatch.setattr(GENERATE, "draw", draw)
    assert GENERATE.draw_hard("shipped demo 2026 1", 100)["name"] == hard["name"]
    assert len(drawn) == 4


@pytest.mark.parametrize(
    "name", ["demo00_40", "demo03_1000", "eval05_100", "eval10_260", "eval16_700", "eval23_5000"]
)
def test_the_generator_makes_the_shipped_instances_again(name: str, tmp_path: Path) -> None:
    split, index, size = re.fullmatch(r"([a-z]+)(\d+)_(\d+)", name).groups()  # type: ignore[union-attr]
    seed = f"shipped {split} {GENERATE.SHIPPED_SEED} {int(index)}"
    GENERATE.write(GENERATE.draw_hard(seed, int(size)), name, tmp_path)
    (written,) = tmp_path.iterdir()
    assert written.read_bytes() == next(f for f in INSTANCES[name].files).read_bytes()


def test_fresh_instances_depend_on_the_seed_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GENERATE, "EVAL_SIZES", (50, 90))
    for folder, seed in (("one", 5), ("again", 5), ("other", 6)):
        GENERATE.generate(seed, 3, tmp_path / folder)
    one, again, other = (
        [path.read_bytes() for path in sorted((tmp_path / folder).iterdir())]
        for folder in ("one", "again", "other")
    )
    assert len(one) == 3
    assert one == again
    assert not set(one) & set(other)


def test_the_generator_runs_as_a_command(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import generate; "
        "generate.EVAL_SIZES = (40,); sys.argv = ['generate.py', *sys.argv[2:]]; generate.main()"
    )
    command = [
        sys.executable,
        "-c",
        script,
        PROBLEM.folder,
        "--seed",
        "3",
        "--count",
        "1",
        "--out",
        tmp_path / "new",
    ]
    subprocess.run(command, check=True, timeout=300)
    assert len(list((tmp_path / "new").iterdir())) == 1
