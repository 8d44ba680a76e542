"""Reads combinational circuits in BLIF as data-flow graphs: a step and a bit each, deadline at the longest path."""

import json
from pathlib import Path

from heurigym.experts.mapping.blif import read_blif
from heurigym.experts.scheduling.memory.circuits import circuit_content

EXTENSIONS = (".blif",)


def convert(source: Path, folder: Path) -> None:
    """Write the instance of a circuit into ``folder``.

    Raises:
        ValueError: the file holds something else than a combinational circuit in BLIF.
        OSError: a file cannot be read or written.
    """
    name = source.name.removesuffix(source.suffix)
    content = circuit_content(name, read_blif(source).aig)
    (folder / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")
