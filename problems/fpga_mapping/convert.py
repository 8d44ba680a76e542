"""Reads combinational circuits in BLIF as and-inverter graphs, for lookup tables of 6 inputs and any depth."""

import json
from pathlib import Path

from heurigym.experts.mapping.blif import read_blif

EXTENSIONS = (".blif",)
K = 6


def convert(source: Path, folder: Path) -> None:
    """Write the instance of a circuit into ``folder``.

    Raises:
        ValueError: the file holds something else than a combinational circuit in BLIF.
        OSError: a file cannot be read or written.
    """
    name = source.name.removesuffix(source.suffix)
    aig = read_blif(source).aig
    content = {
        "name": name,
        "k": K,
        "max_depth": None,
        "inputs": aig.inputs,
        "outputs": aig.outputs.tolist(),
        "gates": aig.gates.tolist(),
    }
    (folder / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")
