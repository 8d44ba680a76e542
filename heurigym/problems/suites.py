"""Public suites of instances: what a problem's ``data.yaml`` says of them."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from heurigym.errors import InputError
from heurigym.problems.folders import problem_folders
from heurigym.problems.spec import parse_yaml

DATA_FILE = "data.yaml"
"""File of a problem folder that lists its public suites."""


def _web_folder(url: str) -> str:
    if not url.startswith("https://") or not url.endswith("/"):
        raise ValueError("must begin with https:// and end with /")
    return url


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SuiteFile(_Strict):
    """One file of a suite."""

    path: str = Field(pattern=r"^[^/].*$", description="where it is, relative to the suite's url")
    size: int = Field(gt=0, description="bytes")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its content")
    best: int | float | None = Field(None, description="best published objective, where there is one")


class Published(_Strict):
    """Where best objectives come from."""

    by: str = Field(description="who published them, and how they were found")
    date: datetime.date = Field(description="day on which they were published")


class Suite(_Strict):
    """Instances that somebody else publishes and the project does not ship."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="name for the command line")
    title: str = Field(description="what it is, one line")
    home: str = Field(description="page of whoever publishes it")
    licence: str = Field(description="licence there")
    url: Annotated[str, AfterValidator(_web_folder)] = Field(description="folder on the web that paths start from")
    published: Published | None = Field(None, description="where the best objectives were published")
    files: Mapping[Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.+-]*$")], SuiteFile] = Field(
        min_length=1, description="files by the name that they get"
    )

    @model_validator(mode="after")
    def _says_whose_values(self) -> Self:
        if (self.published is None) == any(file.best is not None for file in self.files.values()):
            raise ValueError("published must say whose the values under best are, and only where there are some")
        return self

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())


class SuiteList(_Strict):
    """``data.yaml``."""

    schema_version: Literal[1] = Field(description="version of this format")
    suites: tuple[Suite, ...] = Field(min_length=1, description="public suites of the problem's instances")


def suites_of(folder: Path) -> tuple[Suite, ...]:
    """The suites of a problem folder; none where it has no ``data.yaml``.

    Raises:
        InputError: its ``data.yaml`` does not fit its format.
    """
    path = folder / DATA_FILE
    return parse_yaml(path, SuiteList).suites if path.exists() else ()


def public_suites() -> list[tuple[Path, Suite]]:
    """All suites with the folders of their problems.

    Raises:
        InputError: a ``data.yaml`` does not fit its format, or two suites have the same name.
    """
    found: list[tuple[Path, Suite]] = []
    places: dict[str, Path] = {}
    for folder in problem_folders():
        path = folder / DATA_FILE
        for suite in suites_of(folder):
            if suite.name in places:
                raise InputError(
                    f"{path}: suites: name: {suite.name!r} is taken by {places[suite.name]}; rename it"
                )
            places[suite.name] = path
            found.append((folder, suite))
    return found


def find_suite(name: str) -> tuple[Path, Suite]:
    """The suite called ``name`` and the folder of its problem.

    Raises:
        InputError: there is no such suite; the message lists those that exist.
    """
    suites = public_suites()
    for folder, suite in suites:
        if suite.name == name:
            return folder, suite
    known = ", ".join(sorted(suite.name for _, suite in suites)) or "none"
    raise InputError(f"unknown suite {name!r}; known: {known}")
