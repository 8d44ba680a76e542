"""Reads HatScheT's loops: GRAPH.graphml with its resource model GRAPH_RM.xml beside it, the interval left open."""

import json
from pathlib import Path

from heurigym.experts.scheduling.modulo import hatschet

EXTENSIONS = (".graphml",)


def convert(source: Path, folder: Path) -> None:
    """Write the instance of a loop into ``folder``.

    Raises:
        ValueError: a file is not of the format, or there is no resource model.
        OSError: a file cannot be read or written.
    """
    name = source.name.removesuffix(source.suffix)
    model = source.with_name(f"{name}_RM.xml")
    if not model.is_file():
        raise ValueError(f"{source}: has no resource model; put it beside it as {model.name}")
    content = hatschet.convert(source, model)
    (folder / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")
