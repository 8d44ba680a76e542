"""Problem folders as typed objects, and the kit that verifiers are written with.

Verifiers import what they need from here; only the standard library is loaded by it.
"""

from heurigym.problems.outcome import Outcome
from heurigym.problems.reading import (
    as_integer,
    read_solution,
    read_solution_json,
    read_solution_text,
    read_starts,
)
from heurigym.problems.verdict import (
    Exact,
    Infeasible,
    Malformed,
    Rejection,
    Verdict,
    Verifier,
    listed,
    listed_sentences,
    shorten,
    verifier,
)

__all__ = [
    "Exact",
    "Infeasible",
    "Malformed",
    "Outcome",
    "Rejection",
    "Verdict",
    "Verifier",
    "as_integer",
    "listed",
    "listed_sentences",
    "read_solution",
    "read_solution_json",
    "read_solution_text",
    "read_starts",
    "shorten",
    "verifier",
]
