"""What the tests of pipelined scheduling share: the problem, its modules, and instances as plain files."""

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

PROBLEM = load_problem(Path(__file__).resolve().parents[3] / "problems" / "pipelined_scheduling")
INSTANCES: dict[str, Instance] = {
    instance.name: instance for split in SPLITS for instance in PROBLEM.instances(split)
}
SMALL = [name for name in sorted(INSTANCES) if int(name.partition("_")[2]) <= 120]


@cache
def module(name: str) -> ModuleType:
    """A module of the problem folder, ``ladder/05_iterative`` included."""
    alias = f"pipelined_scheduling_{Path(name).name}"
    spec = importlib.util.spec_from_file_location(alias, PROBLEM.folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[alias] = loaded
    # Modules of a problem folder import each other by their bare names.
    sys.path.insert(0, str(PROBLEM.folder))
    try:
        spec.loader.exec_module(loaded)
    finally:
        sys.path.remove(str(PROBLEM.folder))
    return loaded


def content(name: str) -> dict[str, Any]:
    """A shipped instance as JSON."""
    loaded: dict[str, Any] = json.loads(INSTANCES[name].read()[0])
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
