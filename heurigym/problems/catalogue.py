"""A quick list of problems, without reading more of their folders than a list needs."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from heurigym.errors import InputError
from heurigym.problems.folders import problem_folders


@dataclass(frozen=True)
class Entry:
    """A problem in the list.

    Attributes:
        name: its name.
        summary: one line on what is asked.
        demo: number of demo instances.
        eval: number of eval instances.
    """

    name: str
    summary: str
    demo: int
    eval: int


def catalogue() -> list[Entry]:
    """All problems, by name; their specifications are not checked.

    Raises:
        InputError: a ``problem.yaml`` cannot be read at all.
    """
    return sorted((_entry(folder) for folder in problem_folders()), key=lambda entry: entry.name)


def _entry(folder: Path) -> Entry:
    path = folder / "problem.yaml"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        summary = str(content["summary"])
        extensions = [str(file["extension"]) for file in content["entry"]["inputs"]]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError) as error:
        raise InputError(f"{path}: cannot be read as a problem; run heurigym problems validate: {error}") from None
    return Entry(
        folder.name, summary, *(_count(folder / "instances" / split, extensions) for split in ("demo", "eval"))
    )


def _count(folder: Path, extensions: list[str]) -> int:
    if not folder.is_dir():
        return 0
    return sum(path.name.removesuffix(".gz").endswith(extensions[0]) for path in folder.iterdir())
