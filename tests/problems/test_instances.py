"""Finding and reading instances in a folder."""

import gzip
from pathlib import Path

import pytest

from heurigym.errors import InputError
from heurigym.problems.instances import find_instances, read_packed
from heurigym.problems.spec import Entry, InputFile

ENTRY = Entry(
    inputs=(InputFile(argument="netlist", extension=".blif"), InputFile(argument="library", extension=".genlib"))
)


def test_extensions_are_found_in_any_case(tmp_path: Path) -> None:
    for name in ("Adder.v2.BLIF", "Adder.v2.genlib"):
        (tmp_path / name).write_text(name)
    (found,) = find_instances(tmp_path, ENTRY)
    assert found.name == "Adder.v2"
    assert found.read() == (b"Adder.v2.BLIF", b"Adder.v2.genlib")


def test_an_instance_that_is_there_packed_and_unpacked_is_refused(tmp_path: Path) -> None:
    (tmp_path / "adder.blif").write_text("one")
    (tmp_path / "adder.blif.gz").write_bytes(gzip.compress(b"another"))
    with pytest.raises(InputError, match=r"adder.blif.gz: is the same instance as adder.blif; remove one"):
        find_instances(tmp_path, ENTRY)


@pytest.mark.parametrize(
    "content",
    [b"not packed", gzip.compress(b"cut short")[:-12], gzip.compress(b"x" * 99)[:10] + b"\xff" * 20],
    ids=["foreign", "cut", "garbled"],
)
def test_what_cannot_be_unpacked_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "adder.blif.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"adder.blif.gz: cannot be read"):
        read_packed(path)
