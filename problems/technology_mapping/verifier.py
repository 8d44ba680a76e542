"""Verifier of technology mapping: every LUT is narrow enough and the circuit is proven to be the given one."""

from collections.abc import Sequence
from pathlib import Path

from verifier_proof import prove_equivalence
from verifier_rules import count_luts, read_networks

from heurigym.problems import verifier

SECONDS = 100.0
"""CPU time for a proof of equivalence."""


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The number of LUTs of an equivalent circuit.

    Raises:
        ValueError: the instance is corrupt.
        ImportError: the proof needs a SAT solver and python-sat is missing.
    """
    given, found = read_networks(instance[0], solution)
    prove_equivalence(given, found, SECONDS)
    return count_luts(found)
