"""Hostile solution files: what a verifier must answer rather than suffer."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_LARGE = 50 << 20


@dataclass(frozen=True)
class Hostile:
    """One hostile file.

    Attributes:
        name: what it is.
        make: makes it at a path.
        never_feasible: whether no problem at all may take it for a feasible solution.
    """

    name: str
    make: Callable[[Path], None]
    never_feasible: bool = False


def corpus(example: bytes) -> Iterator[Hostile]:
    """Hostile files, several of them made from the ``example`` of a feasible solution."""
    for name, content in (
        ("empty file", b""),
        ("NaN", b"NaN\n"),
        ("Infinity", b"Infinity\n"),
        ("1e999", b"1e999\n"),
        ("minus zero", b"-0\n"),
        ("a number of a million digits", b"9" * 1_000_000),
        ("null", b"null"),
        ("booleans", b"[true, false]"),
        ("deep nesting", b"[" * 100_000),
        ("deep nesting of objects", b'{"a":' * 100_000),
        ("one million lines", b"0:0\n" * 1_000_000),
        ("the example twice", example + example),
        ("half of the example", example[: len(example) // 2]),
        ("the example reversed", b"\n".join(reversed(example.splitlines()))),
        ("50 MB of spaces", b" " * _LARGE),
        ("50 MB of digits", b"1 " * (_LARGE // 2)),
        ("an expression", b"__import__('os').system('true')"),
    ):
        yield Hostile(name, _writer(content))
    for name, replacement in (
        ("negative numbers", b"-7"),
        ("fractions", b"0.5"),
        ("NaN for numbers", b"NaN"),
        ("Infinity for numbers", b"Infinity"),
        ("1e999 for numbers", b"1e999"),
        ("huge numbers", b"1" + b"0" * 38),
        ("very long numbers", b"1" + b"0" * 5000),
        ("true for numbers", b"true"),
        ("quoted numbers", b'"1"'),
        ("Arabic digits", "\u0663".encode()),
    ):
        yield Hostile(name, _writer(_NUMBER.sub(replacement, example)))
    for name, content in (
        ("NUL bytes", b"\0" * 1000),
        ("a NUL byte in the example", example[:1] + b"\0" + example[1:]),
        ("invalid UTF-8", b"\xff\xfe\x80" + example),
        ("UTF-16", b"\xff\xfe" + "0:0\n".encode("utf-16-le")),
    ):
        yield Hostile(name, _writer(content), never_feasible=True)
    yield Hostile("no file", lambda path: None, never_feasible=True)
    yield Hostile("a folder", lambda path: path.mkdir(), never_feasible=True)
    yield Hostile("a FIFO", lambda path: os.mkfifo(path), never_feasible=True)
    yield Hostile("a link to nothing", lambda path: path.symlink_to("nowhere"), never_feasible=True)
    yield Hostile("a link to a device", lambda path: path.symlink_to("/dev/zero"), never_feasible=True)
    yield Hostile("a link to a solution", _link(example), never_feasible=True)
    yield Hostile("a hard link to a solution", _hard_link(example), never_feasible=True)
    yield Hostile("a sparse file of 4 TiB", _sparse, never_feasible=True)


def _writer(content: bytes) -> Callable[[Path], None]:
    return lambda path: _write(path, content)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _link(example: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        target = path.with_name("target")
        target.write_bytes(example)
        path.symlink_to(target)

    return make


def _hard_link(example: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        target = path.with_name("target")
        target.write_bytes(example)
        path.hardlink_to(target)

    return make


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(4 << 40)
