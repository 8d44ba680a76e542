"""The worked example in a statement: fenced blocks marked ``example:input`` and ``example:solution``."""

import re
from dataclasses import dataclass

from heurigym.errors import InputError
from heurigym.problems.problem import Problem

_BLOCK = re.compile(
    r"^```[^\n`]*\bexample:(?P<what>input|solution)(?P<suffix>\.\w+)?[ \t]*\n(?P<text>.*?)^```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class WorkedExample:
    """The example of a statement.

    Attributes:
        inputs: content of each input file, in the order of ``solve``.
        solution: content of the solution file.
    """

    inputs: tuple[bytes, ...]
    solution: bytes


def worked_example(problem: Problem) -> WorkedExample:
    """The example that the statement of ``problem`` shows.

    A problem with several input files marks each as ``example:input.EXTENSION``.

    Raises:
        InputError: a block is missing or there is one too many.
    """
    blocks = [(match["what"], match["suffix"], match["text"]) for match in _BLOCK.finditer(problem.statement)]
    extensions = [file.extension for file in problem.spec.entry.inputs]
    inputs = []
    for extension in extensions:
        suffixes = {extension} if len(extensions) > 1 else {extension, None}
        texts = [text for what, suffix, text in blocks if what == "input" and suffix in suffixes]
        inputs.append(_only(problem, "input", texts))
    solution = _only(problem, "solution", [text for what, _, text in blocks if what == "solution"])
    return WorkedExample(tuple(text.encode() for text in inputs), solution.encode())


def _only(problem: Problem, what: str, texts: list[str]) -> str:
    if len(texts) != 1:
        raise InputError(
            f"{problem.folder / 'statement.md'}: needs one fenced block marked example:{what}, has {len(texts)}"
        )
    return texts[0]
