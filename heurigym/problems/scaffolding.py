"""A folder for a new problem: a small one that works, with marks at each place to change."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from heurigym.errors import InputError

_PLACEHOLDER = "PROBLEM_NAME"


def scaffold(name: str, parent: Path) -> Path:
    """Make the folder ``name`` in ``parent`` and return it.

    Raises:
        InputError: the name is no good, or the folder exists or cannot be made.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InputError(
            f"problem name {name!r}: must be lower-case letters, digits and underscores, a letter first"
        )
    folder = parent / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise InputError(f"{folder}: exists already; choose another name") from None
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}") from None
    _copy(files("heurigym.problems") / "scaffold", folder, name)
    return folder


def _copy(source: Traversable, target: Path, name: str) -> None:
    for entry in source.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                (target / entry.name).mkdir()
                _copy(entry, target / entry.name, name)
        else:
            text = entry.read_text(encoding="utf-8").replace(_PLACEHOLDER, name)
            (target / entry.name.removesuffix(".template")).write_text(text, encoding="utf-8")
