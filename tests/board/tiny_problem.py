"""A problem that is judged in no time: write an integer that is at least the instance's; smaller is better."""

import json
from pathlib import Path

from heurigym.problems.problem import Problem, load_problem

SPEC = """
schema_version: 1
name: at_least
title: At least
summary: Write an integer that is at least the given one.
domain: tests
objective: {name: value, direction: minimize}
entry:
  inputs: [{argument: input_file, extension: .json}]
limits: {time_s: 5, memory_mb: 512}
example: {objective: 7}
baseline: {solver: by hand}
"""

VERIFIER = """
import json

from heurigym.problems import Infeasible, Malformed, read_solution_text, verifier


@verifier
def verify(instance, solution):
    try:
        value = int(read_solution_text(solution))
    except ValueError:
        raise Malformed("not an integer") from None
    if value < json.loads(instance[0].read_text())["n"]:
        raise Infeasible("too small")
    return value
"""


def make_problem(parent: Path, *, demo: int = 1, evaluated: int = 2) -> Problem:
    """The problem in a folder of its own under ``parent``."""
    folder = parent / "at_least"
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(SPEC)
    (folder / "verifier.py").write_text(VERIFIER)
    (folder / "statement.md").write_text("Write an integer that is at least n.\n")
    baselines = {}
    for split, count in (("demo", demo), ("eval", evaluated)):
        (folder / "instances" / split).mkdir(parents=True)
        for index in range(count):
            write_instance(folder / "instances" / split, f"{split}_{index}", 10 * (index + 1))
            baselines[f"{split}_{index}"] = record(10 * (index + 1))
    (folder / "baselines.json").write_text(json.dumps({"schema_version": 1, "instances": baselines}))
    return load_problem(folder)


def write_instance(folder: Path, name: str, n: int) -> None:
    """One instance file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"n": n}))


def record(objective: int) -> dict[str, object]:
    """A record of ``baselines.json``."""
    return {"objective": objective, "solver": "by hand", "version": "1", "time_s": 0, "date": "2026-11-01"}


def program(expression: str) -> str:
    """A program that writes ``expression``, in which ``n`` is the instance's number."""
    return (
        "import json\nimport time\n\n\ndef solve(input_file, solution_file):\n"
        "    with open(input_file) as file:\n        n = json.load(file)['n']\n"
        f"    value = {expression}\n"
        "    with open(solution_file, 'w') as file:\n        file.write(str(value))\n"
    )
