"""Reads graphs of operator_scheduling: multipliers and arithmetic-logic units, deadline at the longest path."""

import json
from pathlib import Path

from heurigym.experts.scheduling.resource.express import two_types

EXTENSIONS = (".json",)


def convert(source: Path, folder: Path) -> None:
    """Write the instance of a graph into ``folder``.

    Raises:
        ValueError, KeyError, TypeError: the file holds something else.
        OSError: a file cannot be read or written.
    """
    content = two_types(json.loads(source.read_text(encoding="utf-8")))
    (folder / source.name).write_text(json.dumps(content) + "\n", encoding="utf-8")
