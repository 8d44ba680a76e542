"""Verifier of technology mapping in bounded depth: narrow LUTs, few levels of them, and a proof of equivalence.

All but the depth is checked by the modules of ``technology_mapping``, which this folder has as links.
"""

from collections.abc import Sequence
from pathlib import Path

from verifier_depth import check_depth, read_bound
from verifier_proof import prove_equivalence
from verifier_rules import count_luts, read_networks

from heurigym.problems import verifier

SECONDS = 100.0
"""CPU time for a proof of equivalence."""


@verifier
def verify(instance: Sequence[Path], solution: Path) -> int:
    """The number of LUTs of an equivalent circuit that is shallow enough.

    Raises:
        ValueError: the instance is corrupt.
        ImportError: the proof needs a SAT solver and python-sat is missing.
    """
    circuit, depth_file = instance
    bound = read_bound(depth_file)
    given, found = read_networks(circuit, solution)
    check_depth(found, bound)
    prove_equivalence(given, found, SECONDS)
    return count_luts(found)
