"""Reading a program that somebody wants judged."""

import hashlib
from pathlib import Path

import pytest

from heurigym.errors import InputError
from heurigym.problems.program import read_program

SOURCE = b"def solve(input_file, solution_file):\n    pass\n"


@pytest.mark.parametrize(
    "content",
    [SOURCE, SOURCE.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + SOURCE],
    ids=["plain", "Windows line ends", "byte order mark"],
)
def test_a_program_is_read_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "program.py"
    path.write_bytes(content)
    source = read_program(path)
    assert hashlib.sha256(source.encode()).digest() == hashlib.sha256(content).digest()


def test_an_endless_program_is_not_read_to_its_end() -> None:
    with pytest.raises(InputError, match="larger than 4 MiB"):
        read_program(Path("/dev/zero"))


def test_an_empty_program_defines_nothing(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.touch()
    with pytest.raises(InputError, match="does not define solve"):
        read_program(path)
