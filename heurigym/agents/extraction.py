"""Finding the program in a reply, however the model has wrapped it."""

import ast
import re
import textwrap

_OPENING = re.compile(r"^(?P<indent>[ \t]*(?:>[ \t]*)?)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+#.-]*)[^\n`]*$")
_SOLVE = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+solve[ \t]*\(|^solve[ \t]*=", re.MULTILINE)
_CODE_START = re.compile(r"^(?:import |from \w[\w.]* import |def |class |#|\"\"\"|@)")
_PYTHON = {"python", "py", "python3", "py3"}


def extract_program(text: str) -> str | None:
    """The program that a reply holds, or ``None`` when nothing in it defines ``solve``.

    Fenced blocks come first: of those that define ``solve`` the last that is valid Python, else the last one at
    all, blocks marked as Python being preferred. A fence that is never closed ends with the reply. Without a
    fence, the reply itself, or the longest part of it that is valid Python, is taken.
    """
    candidates = [(language, code) for language, code in _blocks(text) if _SOLVE.search(code)]
    if candidates:
        return max(enumerate(candidates), key=_preference)[1][1]
    return _unfenced(text)


def is_python(code: str) -> bool:
    """Whether ``code`` can be parsed."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _preference(item: tuple[int, tuple[str, str]]) -> tuple[bool, bool, int]:
    position, (language, code) = item
    return is_python(code), language.lower() in _PYTHON, position


def _blocks(text: str) -> list[tuple[str, str]]:
    lines = text.splitlines()
    blocks = []
    position = 0
    while position < len(lines):
        opening = _OPENING.match(lines[position])
        if opening is None:
            position += 1
            continue
        end, code = _block_from(lines, position + 1, opening["fence"], opening["indent"])
        blocks.append((opening["language"], code))
        position = end + 1
    return blocks


def _block_from(lines: list[str], start: int, fence: str, indent: str) -> tuple[int, str]:
    """The block from line ``start``: up to the first fence that makes it valid Python, else to the first fence."""
    closing = re.compile(rf"^[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$")
    first: tuple[int, str] | None = None
    for end in range(start, len(lines)):
        if closing.match(lines[end]):
            code = _plain(lines[start:end], indent)
            first = first or (end, code)
            if is_python(code):
                return end, code
            if _is_reopened(lines, end):
                break
    return first or (len(lines), _plain(lines[start:], indent))


def _is_reopened(lines: list[str], end: int) -> bool:
    """Whether the text between this fence and the next one is prose, so that this one really closed the block."""
    following = next((line for line in lines[end + 1 :] if _OPENING.match(line)), None)
    opening = _OPENING.match(following) if following is not None else None
    return opening is not None and bool(opening["language"])


def _plain(lines: list[str], indent: str) -> str:
    stripped = [line.removeprefix(indent) if indent else line for line in lines]
    return textwrap.dedent("\n".join(stripped)).strip("\n") + "\n"


def _unfenced(text: str) -> str | None:
    if not _SOLVE.search(text):
        return None
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if _CODE_START.match(line)][:50]
    for start in starts:
        for end in range(len(lines), start, -1):
            code = "\n".join(lines[start:end]) + "\n"
            if not _SOLVE.search(code):
                break
            if is_python(code):
                return code
    return "\n".join(lines[starts[0] :]) + "\n" if starts else text
