import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurigym.problems import (
    Malformed,
    as_integer,
    read_solution,
    read_solution_json,
    read_solution_text,
    read_starts,
)


def test_reads_a_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "solution.txt"
    path.write_bytes(b"1\n2\n")
    assert read_solution(path) == b"1\n2\n"


def test_refuses_whatever_is_not_a_plain_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("1")
    link, hard, fifo, folder = (tmp_path / name for name in ("link", "hard", "fifo", "folder"))
    link.symlink_to(plain)
    os.mkfifo(fifo)
    folder.mkdir()
    for path in (link, fifo, folder, tmp_path / "missing", Path("/dev/zero")):
        with pytest.raises(Malformed):
            read_solution(path)
    hard.hardlink_to(plain)
    with pytest.raises(Malformed, match="hard link"):
        read_solution(hard)


def test_leaves_no_descriptor_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(Malformed):
            read_solution(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_refuses_a_file_over_the_limit_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(Malformed, match="larger than 100 bytes"):
        read_solution(path, 100)


@pytest.mark.parametrize("content", [b"\xff", b"a\0b", "x".encode("utf-16")])
def test_refuses_what_is_not_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "solution.txt"
    path.write_bytes(content)
    with pytest.raises(Malformed):
        read_solution_text(path)


@pytest.mark.parametrize(
    "text",
    ["NaN", "[Infinity]", "-Infinity", "1e999", "[" * 100_000, "", "{", '{"a": 1, "a": 2}', "9" * 5000, "1e500"],
)
def test_refuses_json_that_is_not_strict(tmp_path: Path, text: str) -> None:
    path = tmp_path / "solution.json"
    path.write_text(text)
    with pytest.raises(Malformed):
        read_solution_json(path)


def test_reads_fractions_exactly(tmp_path: Path) -> None:
    path = tmp_path / "solution.json"
    path.write_text('{"a": [0.1, 3, true]}')
    assert read_solution_json(path) == {"a": [Decimal("0.1"), 3, True]}


@given(st.binary(max_size=200))
def test_json_of_any_bytes_is_a_value_or_malformed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(content)
    try:
        read_solution_json(path)
    except Malformed as error:
        assert len(str(error)) < 2000


@given(st.integers(min_value=-(10**39), max_value=10**39))
def test_integers_are_read_back(value: int) -> None:
    assert as_integer(str(value), "value") == value


@pytest.mark.parametrize(
    "token", ["", "1.0", "1e3", "0x10", "1_000", " 1", "\u0661", "9" * 41, "--1", "True", "nan"]
)
def test_refuses_what_is_not_an_integer(token: str) -> None:
    with pytest.raises(Malformed, match="the start"):
        as_integer(token, "the start")


NODES = {"a": 1, "b:c": 2}


def starts_in(folder: Path, text: str) -> dict[str, int]:
    path = folder / "solution"
    path.write_text(text)
    return read_starts(path, NODES)


def test_starts_are_read_in_any_order_with_blank_lines_and_colons_in_names(tmp_path: Path) -> None:
    assert starts_in(tmp_path, "\n b:c : 7\r\n\na:-3") == {"a": -3, "b:c": 7}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:1", "1 of 2 nodes have no start: b:c"),
        ("a:1\na:1\nb:c:2", "line 2 gives a start to node a for the second time"),
        ("a:1\nb:c:2\nd:3", "line 3 names no node of the graph: 'd'"),
        ("a 1\nb:c:2", "line 1 is not id:start: 'a 1'"),
        ("a:1.5\nb:c:2", "the start in line 1 is not an integer: '1.5'"),
        ("a:True\nb:c:2", "the start in line 1 is not an integer"),
        ("a:\nb:c:2", "the start in line 1 is not an integer: ''"),
    ],
)
def test_starts_that_are_not_one_integer_for_each_name_are_malformed(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Malformed, match=re.escape(words)):
        starts_in(tmp_path, text)
