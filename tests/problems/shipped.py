"""A problem that the project ships, as its tests use it: modules, instances as plain files, the verifier."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from heurigym.problems import Verdict
from heurigym.problems.instances import SPLITS, Instance, read_packed
from heurigym.problems.problem import load_problem

FOLDER = Path(__file__).resolve().parents[2] / "problems"
_IN_EVERY_PROBLEM = {"baseline", "convert", "generate", "verifier"}


class Shipped:
    """One problem of the project.

    Attributes:
        problem: the problem itself.
        instances: the instances of both splits by name.
    """

    def __init__(self, name: str) -> None:
        self.problem = load_problem(FOLDER / name)
        self.instances: dict[str, Instance] = {
            instance.name: instance for split in SPLITS for instance in self.problem.instances(split)
        }

    def module(self, name: str) -> ModuleType:
        """A module of the problem folder, ``ladder/05_list`` included; the same one each time."""
        folder = str(self.problem.folder)
        if folder not in sys.path:
            # Modules of the folder import each other by name.
            sys.path.append(folder)
        if name not in _IN_EVERY_PROBLEM and "/" not in name:
            return importlib.import_module(name)
        alias = f"{self.problem.name}_{name.replace('/', '_')}"
        if alias not in sys.modules:
            spec = importlib.util.spec_from_file_location(alias, self.problem.folder / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            loaded = importlib.util.module_from_spec(spec)
            sys.modules[alias] = loaded
            spec.loader.exec_module(loaded)
        return sys.modules[alias]

    def unpacked(self, name: str, folder: Path) -> Path:
        """The only file of a shipped instance as a plain file in ``folder``."""
        (input_file,) = self.problem.spec.entry.inputs
        path = folder / f"instance{input_file.extension}"
        path.write_bytes(self.instances[name].read()[0])
        return path

    def stored_solution(self, name: str, folder: Path) -> Path:
        """The expert's stored solution as a plain file in ``folder``."""
        record = self.problem.baselines[name]
        assert record.solution is not None
        path = folder / "expert.txt"
        path.write_bytes(read_packed(self.problem.folder / record.solution))
        return path

    def verify(self, instance: Path, solution: Path) -> Verdict:
        """The verdict of the problem's verifier."""
        verdict = self.module("verifier").verify([instance], solution)
        assert isinstance(verdict, Verdict)
        return verdict
