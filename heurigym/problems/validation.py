"""Checking everything that a problem folder promises."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from heurigym.errors import InputError
from heurigym.problems.hostile import Hostile, corpus
from heurigym.problems.instances import SPLITS, Instance, Split, find_instances, read_packed
from heurigym.problems.outcome import Outcome
from heurigym.problems.problem import Problem, load_problem
from heurigym.problems.spec import BaselineRecord, Case, CaseFile, parse_yaml
from heurigym.problems.statement import WorkedExample, worked_example
from heurigym.problems.suites import suites_of
from heurigym.problems.verdict import Verdict
from heurigym.problems.verification import VerificationFailed, Verifiers

_TEXTS = ("*.py", "*.md", "*.yaml", "*.json")
_TODO = "TO" + "DO"


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    Attributes:
        what: what was checked.
        problem: what is wrong, with the fix; empty when nothing is.
    """

    what: str
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem


def validate(folder: Path) -> Iterator[Check]:
    """Check the problem in ``folder``, one thing after the other; a folder that cannot be loaded ends it."""
    try:
        problem = load_problem(folder)
        instances = {split: problem.instances(split) for split in SPLITS}
        example = worked_example(problem)
        cases = parse_yaml(folder / "cases" / "cases.yaml", CaseFile).cases
        baselines = problem.baselines
        suites_of(folder)
    except InputError as error:
        yield Check("the folder's files", str(error))
        return
    yield Check("the folder's files")
    yield from _texts(problem)
    yield from _instances(instances)
    with Verifiers() as verifiers:
        check = _Checker(problem, verifiers)
        yield from check.example(example)
        for case in cases:
            yield from check.case(case, instances)
        yield from _coverage(instances, baselines)
        for instance in (*instances["demo"], *instances["eval"]):
            if instance.name in baselines:
                yield from check.baseline(instance, baselines[instance.name])
        for hostile in corpus(example.solution):
            yield from check.hostile(hostile, example)


def _texts(problem: Problem) -> Iterator[Check]:
    for name in ("baseline.py", "generate.py"):
        missing = not (problem.folder / name).is_file()
        yield Check(name, f"{problem.folder / name}: is missing; add it" if missing else "")
    for pattern in _TEXTS:
        for path in sorted(problem.folder.glob(pattern)):
            if _TODO in path.read_text(encoding="utf-8"):
                yield Check(path.name, f"{path}: still has a {_TODO}; fill it in")


def _instances(instances: dict[Split, tuple[Instance, ...]]) -> Iterator[Check]:
    contents: dict[tuple[bytes, ...], str] = {}
    for split in SPLITS:
        for instance in instances[split]:
            where = f"{split}/{instance.name}"
            try:
                content = instance.read()
            except InputError as error:
                yield Check(f"instance {where}", str(error))
                continue
            twin = contents.setdefault(content, where)
            problem = "" if twin == where else f"instances/{where}: is the same as {twin}; remove one"
            if not problem and split == "eval" and any(other.name == instance.name for other in instances["demo"]):
                problem = f"instances/{where}: a demo instance has the same name; rename one"
            yield Check(f"instance {where}", problem)


def _coverage(
    instances: dict[Split, tuple[Instance, ...]], baselines: Mapping[str, BaselineRecord]
) -> Iterator[Check]:
    names = {instance.name for split in SPLITS for instance in instances[split]}
    for name in sorted(names - set(baselines)):
        yield Check(f"expert value of {name}", f"baselines.json: {name}: is missing; run heurigym baseline --write")
    for name in sorted(set(baselines) - names):
        yield Check(f"expert value of {name}", f"baselines.json: {name}: there is no such instance; remove it")


class _Checker:
    def __init__(self, problem: Problem, verifiers: Verifiers) -> None:
        self._problem = problem
        self._verifiers = verifiers
        self._extensions = [file.extension for file in problem.spec.entry.inputs]

    def example(self, example: WorkedExample) -> Iterator[Check]:
        what = "the statement's example"
        expected = self._problem.spec.example.objective

        def judge(verdict: Verdict) -> str:
            if verdict.outcome is not Outcome.FEASIBLE:
                return f"statement.md: its example is {verdict.outcome}: {verdict.message}"
            if verdict.objective != Fraction(expected):
                return f"problem.yaml: example.objective: is {verdict.number}, not {expected:g}"
            return ""

        with self._written(example) as instance:
            yield self._verified(what, instance, example.solution, judge)

    def case(self, case: Case, instances: dict[Split, tuple[Instance, ...]]) -> Iterator[Check]:
        what = f"case {case.name!r}"
        try:
            instance = self._instance(case.instance, instances)
            solution = read_packed(self._problem.folder / "cases" / case.solution)
        except InputError as error:
            yield Check(what, f"cases.yaml: {case.name}: {error}")
            return

        def judge(verdict: Verdict) -> str:
            if verdict.outcome is not case.outcome:
                return f"cases.yaml: {case.name}: is {verdict.outcome} ({verdict.message}), not {case.outcome}"
            if case.objective is not None and verdict.number != case.objective:
                return f"cases.yaml: {case.name}: objective is {verdict.number}, not {case.objective}"
            if case.message is not None and case.message not in verdict.message:
                return f"cases.yaml: {case.name}: the message {verdict.message!r} does not hold {case.message!r}"
            return ""

        yield self._verified(what, instance, solution, judge)

    def baseline(self, instance: Instance, record: BaselineRecord) -> Iterator[Check]:
        what = f"expert value of {instance.name}"
        where = f"baselines.json: {instance.name}"
        if record.solution is None:
            yield Check(what, f"{where}: solution: is missing; run heurigym baseline --write")
            return
        minimize = self._problem.spec.objective.direction == "minimize"
        bound = record.bound
        if bound is not None and (bound > record.objective if minimize else bound < record.objective):
            yield Check(what, f"{where}: bound: {bound} is beyond the objective {record.objective}")
            return
        if record.optimal != (bound == record.objective):
            yield Check(what, f"{where}: optimal: must be true exactly when bound equals objective")
            return
        try:
            solution = read_packed(self._problem.folder / record.solution)
        except InputError as error:
            yield Check(what, str(error))
            return

        def judge(verdict: Verdict) -> str:
            if verdict.outcome is not Outcome.FEASIBLE:
                return f"{where}: its solution is {verdict.outcome}: {verdict.message}"
            if verdict.number != record.objective:
                return f"{where}: objective: its solution has {verdict.number}, not {record.objective}"
            return ""

        yield self._verified(what, instance, solution, judge)

    def hostile(self, hostile: Hostile, example: WorkedExample) -> Iterator[Check]:
        what = f"verifier against {hostile.name}"
        with self._written(example) as instance, tempfile.TemporaryDirectory(prefix="heurigym-hostile-") as folder:
            path = Path(folder) / f"solution{self._problem.spec.entry.solution.extension}"
            hostile.make(path)
            try:
                verdict = self._verifiers.verify_file(self._problem, instance, path)
            except VerificationFailed as failure:
                yield Check(what, f"verifier.py: fails on {hostile.name}: {failure}")
                return
        if hostile.never_feasible and verdict.outcome is Outcome.FEASIBLE:
            yield Check(what, f"verifier.py: takes {hostile.name} for a feasible solution; read it with the kit")
        else:
            yield Check(what)

    def _verified(self, what: str, instance: Instance, solution: bytes, judge: Callable[[Verdict], str]) -> Check:
        try:
            return Check(what, judge(self._verifiers.verify(self._problem, instance, solution)))
        except VerificationFailed as failure:
            return Check(what, f"verifier.py: fails: {failure}")

    def _instance(self, name: str, instances: dict[Split, tuple[Instance, ...]]) -> Instance:
        folder, _, stem = name.partition("/")
        if folder == "cases":
            found = find_instances(self._problem.folder / "cases", self._problem.spec.entry)
        else:
            found = instances.get("demo" if folder == "demo" else "eval", ())
        match = next((instance for instance in found if instance.name == stem), None)
        if match is None:
            raise InputError(f"instance: there is no {name!r}")
        return match

    @contextlib.contextmanager
    def _written(self, example: WorkedExample) -> Iterator[Instance]:
        with tempfile.TemporaryDirectory(prefix="heurigym-example-") as folder:
            files = []
            for extension, content in zip(self._extensions, example.inputs, strict=True):
                files.append(Path(folder) / f"example{extension}")
                files[-1].write_bytes(content)
            yield Instance("example", tuple(files))
