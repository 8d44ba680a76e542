"""Reading a program that somebody wants judged."""

import ast
from pathlib import Path

from heurigym.errors import InputError

PROGRAM_LIMIT_BYTES = 4 << 20
"""Largest program that is read."""


def read_program(path: Path) -> str:
    """The source of the program in ``path``.

    Raises:
        InputError: it cannot be read, is not Python, or does not define ``solve``.
    """
    try:
        # Bounded, since it may be a pipe or a device, whose size nothing tells.
        with path.open("rb") as file:
            content = file.read(PROGRAM_LIMIT_BYTES + 1)
        if len(content) > PROGRAM_LIMIT_BYTES:
            raise InputError(f"{path}: is larger than {PROGRAM_LIMIT_BYTES >> 20} MiB; no program is")
        # Decoded as it is, line ends included, so that the digest of the source is that of the file.
        source = content.decode("utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text") from None
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{path}: is not Python: {error}") from None
    except (RecursionError, MemoryError):
        raise InputError(f"{path}: is nested too deeply") from None
    if not any(_may_define_solve(node) for node in ast.walk(tree)):
        raise InputError(f"{path}: does not define solve; add `def solve(input_file, solution_file): ...`")
    return source


def _may_define_solve(node: ast.AST) -> bool:
    match node:
        case ast.FunctionDef(name="solve") | ast.alias(name="solve") | ast.alias(asname="solve"):
            return True
        case ast.Name(id="solve", ctx=ast.Store()):
            return True
    return False
