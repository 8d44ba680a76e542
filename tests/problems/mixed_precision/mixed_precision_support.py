"""What the tests of mixed precision share: the problem, its modules, instances as files, and a slow checker."""

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from heurigym.problems import Verdict
from heurigym.problems.instances import SPLITS, Instance, read_packed
from heurigym.problems.problem import load_problem

PROBLEM = load_problem(Path(__file__).resolve().parents[3] / "problems" / "mixed_precision")
INSTANCES: dict[str, Instance] = {
    instance.name: instance for split in SPLITS for instance in PROBLEM.instances(split)
}


@cache
def module(name: str) -> ModuleType:
    """A module of the problem folder, ``ladder/05_greedy`` included."""
    alias = f"mixed_precision_{Path(name).name}"
    spec = importlib.util.spec_from_file_location(alias, PROBLEM.folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[alias] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def content(name: str) -> dict[str, Any]:
    """A shipped instance."""
    loaded = json.loads(INSTANCES[name].read()[0])
    assert isinstance(loaded, dict)
    return loaded


def unpacked(name: str, folder: Path) -> Path:
    """A shipped instance as a plain file in ``folder``."""
    path = folder / "instance.json"
    path.write_bytes(INSTANCES[name].read()[0])
    return path


def stored_solution(name: str, folder: Path) -> Path:
    """The expert's stored solution as a plain file in ``folder``."""
    record = PROBLEM.baselines[name]
    assert record.solution is not None
    path = folder / "expert.txt"
    path.write_bytes(read_packed(PROBLEM.folder / record.solution))
    return path


def verify(instance: Path, solution: Path) -> Verdict:
    """The verdict of the problem's verifier."""
    verdict = module("verifier").verify([instance], solution)
    assert isinstance(verdict, Verdict)
    return verdict


def slow_verdict(instance: dict[str, Any], text: str) -> tuple[str, int | None]:
    """Outcome and loss by another way: layer by layer and pair by pair, from the statement alone."""
    lines = [line.split() for line in text.splitlines() if line.split()]
    if any(len(words) != 3 for words in lines) or sorted(words[0] for words in lines) != sorted(
        layer["name"] for layer in instance["layers"]
    ):
        return "malformed", None
    bits = {name: [int(weight), int(activation)] for name, weight, activation in lines}
    if any(pair not in instance["choices"] for pair in bits.values()):
        return "infeasible", None
    place = {name: instance["choices"].index(pair) for name, pair in bits.items()}
    if any(len({place[name] for name in group}) > 1 for group in instance["groups"]):
        return "infeasible", None
    size = operations = latency = total = 0
    for layer in instance["layers"]:
        weight, activation = bits[layer["name"]]
        size += weight * layer["parameters"]
        operations += weight * activation * layer["macs"]
        latency += layer["latency"][place[layer["name"]]]
        total += layer["loss"][place[layer["name"]]]
    for pair in instance["pairs"]:
        one, other = pair["layers"]
        total += pair["loss"][place[one]][place[other]]
    used = {"size": size, "bit_operations": operations, "latency": latency}
    if any(used[name] > budget for name, budget in instance["budgets"].items()):
        return "infeasible", None
    return "feasible", total
