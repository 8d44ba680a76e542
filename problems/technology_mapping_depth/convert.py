"""Reads combinational circuits in BLIF and adds the least depth in which their gates can be covered."""

from pathlib import Path

from heurigym.experts.mapping.blif import read_blif
from heurigym.experts.mapping.structure import Structure, shallowest_cover

EXTENSIONS = (".blif",)
K = 6


def convert(source: Path, folder: Path) -> None:
    """Write the instance of a circuit, its gates as they are and a depth, into ``folder``.

    Raises:
        ValueError: the file holds something else than a combinational circuit in BLIF.
        OSError: a file cannot be read or written.
    """
    name = source.name.removesuffix(source.suffix)
    least = shallowest_cover(Structure.of(read_blif(source).aig, K)).depth()
    (folder / f"{name}.blif").write_bytes(source.read_bytes())
    (folder / f"{name}.depth").write_text(f"{least}\n", encoding="utf-8")
