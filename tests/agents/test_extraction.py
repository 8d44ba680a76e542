import textwrap

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from heurigym.agents.extraction import extract_program, is_python

PROGRAM = "import json\n\n\ndef solve(input_file, solution_file):\n    pass\n"


def test_takes_the_fenced_program() -> None:
    assert extract_program(f"Here it is.\n\n```python\n{PROGRAM}```\nDone.") == PROGRAM


@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
@pytest.mark.parametrize("language", ["", "python", "py", "Python3"])
def test_takes_any_fence_and_language(fence: str, language: str) -> None:
    assert extract_program(f"text\n{fence}{language}\n{PROGRAM}{fence}\n") == PROGRAM


def test_takes_the_last_of_several_programs() -> None:
    first = PROGRAM.replace("pass", "return 1")
    assert extract_program(f"```python\n{first}```\nbetter:\n```python\n{PROGRAM}```") == PROGRAM


def test_prefers_a_program_to_a_usage_example_after_it() -> None:
    usage = "```python\nfrom main import solve\nsolve('a', 'b')\n```"
    assert extract_program(f"```python\n{PROGRAM}```\nUse it so:\n{usage}") == PROGRAM


def test_prefers_valid_python_to_a_broken_sketch() -> None:
    sketch = "```python\ndef solve(a, b):\n    ... then do the rest\n```"
    assert extract_program(f"```python\n{PROGRAM}```\nThe idea:\n{sketch}") == PROGRAM


def test_takes_a_broken_program_when_there_is_no_other() -> None:
    assert extract_program("```python\ndef solve(a, b:\n    pass\n```") == "def solve(a, b:\n    pass\n"


def test_an_unclosed_fence_ends_with_the_reply() -> None:
    assert extract_program(f"Sure:\n```python\n{PROGRAM}") == PROGRAM


def test_a_fence_within_a_docstring_does_not_end_the_program() -> None:
    program = 'def solve(a, b):\n    """Reads\n\n```\n0:1\n```\n    """\n    return a\n'
    assert extract_program(f"```python\n{program}```\n") == program


def test_an_indented_block_is_dedented() -> None:
    indented = textwrap.indent(f"```python\n{PROGRAM}```", "   ")
    assert extract_program(f"1. The program:\n\n{indented}\n") == PROGRAM


def test_windows_line_ends() -> None:
    reply = f"```python\r\n{PROGRAM}```\r\n".replace("\n", "\r\n").replace("\r\r", "\r")
    program = extract_program(reply)
    assert program is not None
    assert program.split() == PROGRAM.split()


def test_a_reply_that_is_the_program() -> None:
    assert extract_program(PROGRAM) == PROGRAM


def test_a_program_between_prose_without_a_fence() -> None:
    program = extract_program(f"I would do this.\n\n{PROGRAM}\nThat should work well, I think.\n")
    assert program is not None
    assert is_python(program)
    assert "def solve" in program


def test_solve_may_be_assigned() -> None:
    assert extract_program("```\nsolve = lambda a, b: None\n```") == "solve = lambda a, b: None\n"


@pytest.mark.parametrize(
    "reply", ["", "I cannot do that.", "```python\nprint('hello')\n```", "```\n```", "solve it by hand"]
)
def test_a_reply_without_a_program(reply: str) -> None:
    assert extract_program(reply) is None


@given(st.text(alphabet=st.sampled_from("`~ \n\tdefsolv(a,b):python#\"'[]{}0"), max_size=400))
def test_never_fails_on_any_text(reply: str) -> None:
    program = extract_program(reply)
    assert program is None or "solve" in program


@given(before=st.text(max_size=80), after=st.text(max_size=80))
def test_finds_the_program_between_any_prose(before: str, after: str) -> None:
    assume(not any(word in before + after for word in ("`", "~", "solve")))
    assert extract_program(f"{before}\n```python\n{PROGRAM}```\n{after}") == PROGRAM
