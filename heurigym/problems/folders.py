"""Where problem folders are found."""

import os
from collections.abc import Iterator
from pathlib import Path

from heurigym.resources import data_folder

SEARCH_PATH_VARIABLE = "HEURIGYM_PROBLEMS"
"""Environment variable with more folders of problems, separated as in PATH; they come first."""


def problem_folders() -> Iterator[Path]:
    """The folders of all problems: those on the search path first, then the packaged ones, each name once."""
    roots = [Path(root) for root in os.environ.get(SEARCH_PATH_VARIABLE, "").split(os.pathsep) if root]
    seen: set[str] = set()
    for root in [*roots, data_folder("problems")]:
        for path in sorted(root.glob("*/problem.yaml")):
            if path.parent.name not in seen:
                seen.add(path.parent.name)
                yield path.parent
