"""A problem folder as an object, and where problem folders are found.

A folder holds::

    problem.yaml       name, objective, signature, limits (heurigym.problems.spec.ProblemSpec)
    statement.md       what the model reads, with an example:input and an example:solution block
    verifier.py        verify(instance, solution) -> Verdict; modules of its own are named verifier_*.py
    baseline.py        the expert solver
    baselines.json     expert values by instance (heurigym.problems.spec.BaselineFile)
    generate.py        generator of fresh instances
    instances/demo/    shown to the model through feedback
    instances/eval/    never shown
    cases/cases.yaml   solutions with the verdict that they must get
    ladder/*.py        scripted programs from naive to good, in the order of their names (optional)
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from heurigym.errors import InputError
from heurigym.problems.folders import problem_folders
from heurigym.problems.instances import SPLITS, Instance, Split, find_instances
from heurigym.problems.spec import BaselineFile, BaselineRecord, ProblemSpec, parse_json, parse_yaml

_ASKED: dict[str, bool | set[str]] = {
    **dict.fromkeys(("name", "title", "summary", "objective", "entry", "limits"), True),
    "baseline": {"show_to_model"},
}
"""The fields of ``problem.yaml`` that a model's task and its judging depend on."""


@dataclass(frozen=True)
class Problem:
    """One problem family.

    Attributes:
        folder: the problem folder.
        spec: the content of ``problem.yaml``.
    """

    folder: Path
    spec: ProblemSpec

    @property
    def name(self) -> str:
        """The folder's name, which is the problem's."""
        return self.spec.name

    @cached_property
    def statement(self) -> str:
        """What the model reads, in Markdown."""
        return self.text("statement.md")

    def text(self, name: str) -> str:
        """The text of a file of the folder.

        Raises:
            InputError: it cannot be read.
        """
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{self.folder / name}: cannot be read: {error}") from None

    @property
    def verifier_file(self) -> Path:
        """The module that defines ``verify``."""
        return self.folder / "verifier.py"

    def instances(self, split: Split) -> tuple[Instance, ...]:
        """The instances of a split, by name.

        Raises:
            InputError: there is none, or one is incomplete.
        """
        return find_instances(self.folder / "instances" / split, self.spec.entry)

    @cached_property
    def baselines(self) -> Mapping[str, BaselineRecord]:
        """Expert values by instance name; empty when the folder has none.

        Raises:
            InputError: ``baselines.json`` does not fit its format.
        """
        path = self.folder / "baselines.json"
        return parse_json(path, BaselineFile).instances if path.exists() else {}

    @property
    def experts(self) -> Mapping[str, int | float]:
        """The experts' objectives by instance name."""
        return {name: record.objective for name, record in self.baselines.items()}

    def require_complete(self) -> None:
        """Read all that a campaign needs of the folder.

        Raises:
            InputError: something of it is missing or wrong.
        """
        for split in SPLITS:
            self.instances(split)
        _ = self.statement, self.baselines

    @property
    def ladder(self) -> tuple[Path, ...]:
        """Scripted programs written for this project, from naive to good; empty when there is none."""
        return tuple(sorted((self.folder / "ladder").glob("*.py")))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that prompts and verdicts depend on: limits, statement, verifier, instances.

        Expert values and what describes the expert are not in it, unless prompts show them: they improve, and every
        score follows from stored objectives and the expert values of the day (:mod:`heurigym.agents.rescoring`).
        """
        asked = self.spec.model_dump(mode="json", include=_ASKED)
        parts = [("problem.yaml", json.dumps(asked, sort_keys=True).encode())]
        if self.spec.baseline.show_to_model:
            names = {instance.name for instance in self.instances("demo")}
            shown = {name: record.objective for name, record in self.baselines.items() if name in names}
            parts.append(("baselines.json", json.dumps(shown, sort_keys=True).encode()))
        files = [self.folder / "statement.md", *sorted(self.folder.glob("verifier*.py"))]
        files += sorted(path for path in (self.folder / "instances").rglob("*") if path.is_file())
        parts += [(file.relative_to(self.folder).as_posix(), file.read_bytes()) for file in files if file.exists()]
        digest = hashlib.sha256()
        for name, content in parts:
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()


def load_problem(folder: Path) -> Problem:
    """The problem in ``folder``.

    Raises:
        InputError: it is no problem folder, or ``problem.yaml`` is wrong; the message names file, field and fix.
    """
    path = folder / "problem.yaml"
    if not path.is_file():
        raise InputError(f"{folder}: not a problem folder: it has no problem.yaml")
    spec = parse_yaml(path, ProblemSpec)
    if spec.name != folder.resolve().name:
        raise InputError(f"{path}: name: must be the folder's name {folder.resolve().name!r}, not {spec.name!r}")
    return Problem(folder, spec)


def is_path(name: str) -> bool:
    """Whether a problem is written as the path of its folder rather than by its name."""
    return os.sep in name or name.startswith(".")


def find_problem(name: str) -> Problem:
    """The problem called ``name``, or the one in the folder ``name`` when it is written as a path.

    Raises:
        InputError: there is no such problem; the message lists those that exist.
    """
    if is_path(name):
        return load_problem(Path(name))
    for folder in problem_folders():
        if folder.name == name:
            return load_problem(folder)
    known = ", ".join(sorted(folder.name for folder in problem_folders()))
    raise InputError(f"unknown problem {name!r}; known: {known}, or a path such as ./{name}")
