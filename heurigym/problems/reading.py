"""Reading what a stranger wrote: solution files, strictly and without surprises.

Everything here raises :class:`~heurigym.problems.verdict.Malformed` for whatever a program can put in its
solution file. Only the standard library is imported: it is loaded in every verifier process.
"""

import json
import os
import re
import stat
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from heurigym.problems.verdict import Malformed, listed, shorten

SOLUTION_LIMIT_BYTES = 64 * 1024 * 1024
"""Largest solution that is read at all; a problem's own limit is smaller and checked before."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")


def read_solution(path: Path, limit_bytes: int = SOLUTION_LIMIT_BYTES) -> bytes:
    """The bytes of the regular file ``path``.

    Links, FIFOs, devices, directories and hard-linked files are refused without being followed or waited for.

    Raises:
        Malformed: the file is missing, is not a plain file, or holds more than ``limit_bytes``.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise Malformed(f"the solution cannot be opened as a plain file: {error.strerror}") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Malformed("the solution is not a plain file")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_nlink > 1:
            raise Malformed("the solution is a hard link")
        if status.st_size > limit_bytes:
            raise Malformed(f"the solution is larger than {limit_bytes} bytes")
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise Malformed(f"the solution is larger than {limit_bytes} bytes")
    return content


def read_solution_text(path: Path, limit_bytes: int = SOLUTION_LIMIT_BYTES) -> str:
    """The text of a solution file, which must be UTF-8 without NUL characters.

    Raises:
        Malformed: as :func:`read_solution`, or the bytes are not such a text.
    """
    content = read_solution(path, limit_bytes)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"the solution is not UTF-8 text: byte {error.start} cannot be decoded") from None
    if "\0" in text:
        raise Malformed(f"the solution holds a NUL character at position {text.index(chr(0))}")
    return text


def read_solution_json(path: Path, limit_bytes: int = SOLUTION_LIMIT_BYTES) -> Any:
    """The JSON value in a solution file: finite numbers only, fractions as ``Decimal``, no key twice.

    Raises:
        Malformed: as :func:`read_solution_text`, or the text is not such a JSON value.
    """
    text = read_solution_text(path, limit_bytes)
    try:
        return json.loads(
            text, parse_float=_finite, parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates
        )
    except RecursionError:
        raise Malformed("the solution is nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"the solution is not JSON: {shorten(str(error), 200)}") from None


def as_integer(token: str, what: str) -> int:
    """The integer that ``token`` spells in decimal digits (at most 40), with an optional sign.

    Raises:
        Malformed: it spells none; the message names ``what``.
    """
    if not _INTEGER.fullmatch(token):
        raise Malformed(f"{what} is not an integer: {shorten(repr(token), 60)}")
    return int(token)


def read_starts(path: Path, names: Mapping[str, object], what: str = "node") -> dict[str, int]:
    """The start of each key of ``names``, from a schedule: one line ``name:start`` for each, in any order.

    Blank lines do not count. A name may hold colons; the last one separates.

    Raises:
        Malformed: the file does not give each name one integer; the message calls a name a ``what``.
    """
    starts: dict[str, int] = {}
    for number, raw in enumerate(read_solution_text(path).split("\n"), start=1):
        line = raw.strip(" \t\r")
        if not line:
            continue
        left, colon, right = line.rpartition(":")
        name = left.strip(" \t")
        if not colon:
            raise Malformed(f"line {number} is not id:start: {shorten(repr(line), 80)}")
        if name not in names:
            raise Malformed(f"line {number} names no {what} of the graph: {shorten(repr(name), 80)}")
        if name in starts:
            raise Malformed(f"line {number} gives a start to {what} {shorten(name, 80)} for the second time")
        starts[name] = as_integer(right.strip(" \t"), f"the start in line {number}")
    if len(starts) != len(names):
        missing = [name for name in names if name not in starts]
        raise Malformed(f"{len(missing)} of {len(names)} {what}s have no start: {listed(missing)}")
    return starts


def _finite(literal: str) -> Decimal:
    value = Decimal(literal)
    if len(literal) > 400 or not value.is_finite() or abs(value.adjusted()) > 400:
        raise Malformed(f"the solution holds a number out of range: {shorten(literal, 60)}")
    return value


def _refuse_constant(literal: str) -> NoReturn:
    raise Malformed(f"the solution holds a number that is not finite: {literal}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Malformed(f"the solution has the key {shorten(repr(twice), 60)} twice")
    return result
