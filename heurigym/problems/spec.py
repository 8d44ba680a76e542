"""The wire formats of a problem folder: ``problem.yaml``, ``baselines.json`` and ``cases/cases.yaml``."""

import datetime
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from heurigym.errors import InputError
from heurigym.problems.outcome import Outcome

Model = TypeVar("Model", bound=BaseModel)
Extension = Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")]
ArgumentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputFile(_Strict):
    """One input file of ``solve``."""

    argument: ArgumentName = Field(description="name of the parameter of solve")
    extension: Extension = Field(description="extension of the file, with the dot; instances are found by it")


class SolutionFile(_Strict):
    """The file that ``solve`` writes."""

    argument: ArgumentName = Field("solution_file", description="name of the parameter of solve")
    extension: Extension = Field(".txt", description="extension of the file, with the dot")


class Entry(_Strict):
    """The signature of ``solve``: its input files first, then the solution file, all positional."""

    inputs: tuple[InputFile, ...] = Field(min_length=1, description="input files, in the order of solve")
    solution: SolutionFile = Field(default_factory=SolutionFile, description="the file that solve writes")

    @model_validator(mode="after")
    def _tell_inputs_apart(self) -> Self:
        if len({file.extension for file in self.inputs}) < len(self.inputs):
            raise ValueError("every input must have an extension of its own")
        return self

    @property
    def signature(self) -> str:
        """The ``def`` line that a program must have."""
        names = [file.argument for file in self.inputs] + [self.solution.argument]
        return f"def solve({', '.join(f'{name}: str' for name in names)}) -> None:"


class Objective(_Strict):
    """What is optimised."""

    name: str = Field(description="what the number is, for people: latency, area, ...")
    unit: str = Field("", description="unit of the number, for people")
    direction: Literal["minimize", "maximize"] = Field("minimize", description="which way is better")


class Limits(_Strict):
    """What one execution of a program, and one verification, may use."""

    time_s: float = Field(10.0, gt=0, description="seconds of charged time for one instance")
    memory_mb: int = Field(2048, ge=64, description="memory of the whole process tree, MiB")
    cores: int = Field(1, ge=1, description="cores that the program has to itself")
    processes: int = Field(64, ge=1, description="processes and threads at once")
    scratch_mb: int = Field(256, ge=1, description="all files that the program may write, MiB")
    files: int = Field(4096, ge=16, description="number of files and folders that it may make")
    solution_mb: int = Field(16, ge=1, description="largest solution file, MiB")
    output_kb: int = Field(256, ge=1, description="captured standard output and error, KiB each")
    verify_time_s: float = Field(60.0, gt=0, description="seconds for one verification")
    verify_memory_mb: int = Field(4096, ge=128, description="memory for one verification, MiB")


class Example(_Strict):
    """The worked example of the statement."""

    objective: float = Field(description="objective of the solution that the statement shows")


class BaselineSource(_Strict):
    """Where expert values come from."""

    solver: str = Field(description="one line: the expert solver behind baselines.json")
    show_to_model: bool = Field(False, description="whether feedback may name the expert's value on demo instances")


class Reference(_Strict):
    """A source of the problem or of its expert."""

    title: str = Field(description="title, authors and year")
    url: str | None = Field(None, description="where it can be read")


class ProblemSpec(_Strict):
    """``problem.yaml``: everything about a problem that is not code, prose or data."""

    schema_version: Literal[1] = Field(description="version of this format")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="the folder's name")
    title: str = Field(description="title, for people")
    summary: str = Field(max_length=200, description="one line on what is asked")
    domain: str = Field(description="field that the problem comes from")
    difficulty: Literal["easy", "medium", "hard"] = Field("medium", description="how hard good solutions are")
    objective: Objective = Field(description="what is optimised")
    entry: Entry = Field(description="signature of solve")
    limits: Limits = Field(default_factory=Limits, description="limits of executions and verifications")
    example: Example = Field(description="the worked example of the statement")
    baseline: BaselineSource = Field(description="where expert values come from")
    references: tuple[Reference, ...] = Field((), description="sources")


class BaselineRecord(_Strict):
    """The expert's best on one instance."""

    objective: float | int = Field(description="objective of the expert's solution")
    bound: float | int | None = Field(None, description="proven bound on the optimum, where there is one")
    optimal: bool = Field(False, description="whether the objective is proven to be the optimum")
    solver: str = Field(description="what found the solution")
    version: str = Field(description="version of the solver")
    time_s: float | None = Field(None, ge=0, description="seconds that the solver took, where it is known")
    date: datetime.date = Field(description="day on which it ran, or on which the value was published")
    seed: int | None = Field(None, description="random seed of the solver")
    solution: str | None = Field(
        None, description="file with the solution, relative to the problem folder, optionally gzipped (.gz)"
    )


class BaselineFile(_Strict):
    """``baselines.json``: expert values by instance name."""

    schema_version: Literal[1] = Field(description="version of this format")
    instances: dict[str, BaselineRecord] = Field(description="expert values by instance name")


class Case(_Strict):
    """A solution with the verdict that it must get."""

    name: str = Field(description="what the case shows")
    instance: str = Field(
        description="an instance as SPLIT/NAME, or as cases/NAME for files in the cases folder itself"
    )
    solution: str = Field(description="the solution file, relative to the cases folder, optionally gzipped (.gz)")
    outcome: Outcome = Field(description="the verdict it must get: feasible, infeasible or malformed")
    objective: float | int | None = Field(None, description="the objective, for a feasible one")
    message: str | None = Field(None, description="text that the verdict's message must hold")


class CaseFile(_Strict):
    """``cases/cases.yaml``."""

    schema_version: Literal[1] = Field(description="version of this format")
    cases: tuple[Case, ...] = Field(min_length=1, description="solutions with the verdicts that they must get")


class _Loader(yaml.CSafeLoader):
    """YAML in which a field is given once: of two, one would be ignored without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the field {key.value!r} is given twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse_yaml(path: Path, model: type[Model], overrides: Mapping[str, object] | None = None) -> Model:
    """The YAML file ``path`` as ``model``; ``overrides`` go before what it says.

    Raises:
        InputError: it cannot be read or does not fit; the message names file, field and fix.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {_one_line(str(error))}") from None
    return _validated(path, content, model, overrides or {})


def parse_json(path: Path, model: type[Model]) -> Model:
    """The JSON file ``path`` as ``model``.

    Raises:
        InputError: it cannot be read or does not fit; the message names file, field and fix.
    """
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise InputError(describe(path, error)) from None


def describe(source: object, error: ValidationError) -> str:
    """The first error as one line: file, field, what is wrong and how many more there are."""
    first, *rest = error.errors(include_url=False)
    field = ".".join(str(part) for part in first["loc"]) or "the whole file"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        message = "is missing; add it"
    elif first["type"] == "extra_forbidden":
        message = "is not a field of this format; remove it or correct its spelling"
    else:
        message = f"{message[0].lower()}{message[1:]}, not {_one_line(repr(first.get('input')))[:80]}"
    more = f" (and {len(rest)} more)" if rest else ""
    return f"{source}: {field}: {message}{more}"


def _validated(path: Path, content: object, model: type[Model], overrides: Mapping[str, object]) -> Model:
    if not isinstance(content, dict):
        raise InputError(f"{path}: the whole file: must be a mapping of fields to values")
    try:
        return model.model_validate({**content, **overrides})
    except ValidationError as error:
        raise InputError(describe(path, error)) from None


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
