"""The structural expert against slow independent ones, on its rules, and on published circuits."""

import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from heurigym.experts.mapping.aig import Aig, AigBuilder
from heurigym.experts.mapping.blif import read_blif
from heurigym.experts.mapping.designs import build_design
from heurigym.experts.mapping.expert import cover_structure
from heurigym.experts.mapping.mapper import Effort, map_structure
from heurigym.experts.mapping.structure import Structure, enumerate_cuts, shallowest_cover

DATA = (
    Path(os.environ.get("HEURIGYM_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
    / "technology_mapping"
)


def random_aig(seed: int, inputs: int, gates: int) -> Aig:
    rng = np.random.default_rng(seed)
    b = AigBuilder(inputs)
    literals = list(b.inputs)
    for _ in range(gates):
        left, right = (literals[int(index)] for index in rng.choice(len(literals), 2, replace=False))
        literals.append(b.and_(left ^ int(rng.integers(2)), right ^ int(rng.integers(2))))
    return b.build(literals[-3:])


def slow_cuts(aig: Aig, k: int) -> dict[int, set[frozenset[int]]]:
    """All cuts of every gate that no other one is part of."""
    cuts = {node: {frozenset([node])} for node in range(1, aig.first_gate)}
    result: dict[int, set[frozenset[int]]] = {}
    for node, (left, right) in enumerate(aig.gates.tolist(), start=aig.first_gate):
        merged = {one | other for one in cuts[left >> 1] for other in cuts[right >> 1]}
        fitting = {cut for cut in merged if len(cut) <= k}
        result[node] = {cut for cut in fitting if not any(other < cut for other in fitting)}
        cuts[node] = result[node] | {frozenset([node])}
    return result


@pytest.mark.parametrize("seed", range(12))
def test_enumeration_finds_all_cuts_when_there_is_room(seed: int) -> None:
    aig = random_aig(seed, 5, 14)
    k = 3 + seed % 4
    structure = Structure.of(aig, k)
    store, _, _ = enumerate_cuts(structure, 200, structure.fanouts())
    assert store.complete
    for node, expected in slow_cuts(aig, k).items():
        count = int(store.counts[node])
        found = [store.leaves[node, index, : store.sizes[node, index]].tolist() for index in range(count)]
        assert all(cut == sorted(cut) for cut in found)
        assert len(found) == len(expected)
        assert {frozenset(cut) for cut in found} == expected


@pytest.mark.parametrize("seed", range(24))
def test_flowmap_gives_every_gate_its_least_depth(seed: int) -> None:
    aig = random_aig(seed, 5 + seed % 4, 14 + seed)
    k = 3 + seed % 4
    cover = shallowest_cover(Structure.of(aig, k))
    cuts = slow_cuts(aig, k)
    depth = [0] * aig.first_gate
    for node in range(aig.first_gate, aig.nodes):
        depth.append(1 + min(max(depth[leaf] for leaf in cut) for cut in cuts[node]))
    assert cover.arrival().tolist() == depth
    assert check_cover(aig, cover.luts(), k) == cover.depth()


def slow_optimum(aig: Aig, k: int) -> int:
    """The least number of LUTs, by trying all sets of gates."""
    cuts = slow_cuts(aig, k)
    first = aig.first_gate
    needed = {literal >> 1 for literal in aig.outputs.tolist() if literal >> 1 >= first}
    others = [node for node in range(first, aig.nodes) if node not in needed]
    for size in range(len(others) + 1):
        for extra in itertools.combinations(others, size):
            luts = needed | set(extra)
            if all(any(all(u < first or u in luts for u in cut) for cut in cuts[v]) for v in luts):
                return len(luts)
    raise AssertionError("the gates themselves are a cover")


@pytest.mark.parametrize("seed", range(8))
def test_small_graphs_are_solved_to_proven_optimality(seed: int) -> None:
    aig = random_aig(seed, 6, 16)
    result = cover_structure(Structure.of(aig, 3), None, 2.5, seed)
    assert result.optimal
    assert result.bound == len(result.luts) == slow_optimum(aig, 3)


def test_solvers_are_silent(capfd: pytest.CaptureFixture[str]) -> None:
    cover_structure(Structure.of(random_aig(1, 6, 16), 3), None, 2.5, 0)
    assert capfd.readouterr() == ("", "")


def check_cover(aig: Aig, luts: dict[int, tuple[int, ...]], k: int) -> int:
    """The depth of a cover, after checking that it is one."""
    first = aig.first_gate
    gates = aig.gates.tolist()
    depth = dict.fromkeys(range(first), 0)
    for root in sorted(luts):
        leaves = luts[root]
        assert 1 <= len(leaves) <= k
        stack, seen = [root], set(leaves)
        while stack:
            for literal in gates[stack.pop() - first]:
                if literal >> 1 not in seen:
                    assert literal >> 1 >= first
                    seen.add(literal >> 1)
                    stack.append(literal >> 1)
        depth[root] = 1 + max(depth[leaf] for leaf in leaves)
    outputs = [literal >> 1 for literal in aig.outputs.tolist()]
    return max(depth[output] for output in outputs)


@pytest.mark.parametrize("k", [3, 4, 5, 6])
@pytest.mark.parametrize("design", ["alu", "dadda_multiplier", "memory_controller"])
def test_covers_keep_the_rules_and_the_depth_bound(design: str, k: int) -> None:
    aig = build_design(design, 8, 1)
    structure = Structure.of(aig, k)
    least = shallowest_cover(structure).depth()
    areas = []
    for bound in (least, least + 2, None):
        cover = map_structure(structure, bound, Effort(cuts=24, seconds=0.3), seed=1)
        depth = check_cover(aig, cover.luts(), k)
        assert depth == cover.depth()
        assert bound is None or depth <= bound
        assert cover.area == len(cover.luts())
        areas.append(cover.area)
    assert areas[2] <= areas[0]


def test_an_impossible_depth_is_refused() -> None:
    structure = Structure.of(build_design("ripple_adder", 16, 0), 6)
    with pytest.raises(ValueError, match="no cover has depth 1"):
        map_structure(structure, 1, Effort(cuts=12), seed=0)


def test_the_mapper_without_time_limits_is_reproducible() -> None:
    structure = Structure.of(build_design("alu", 12, 0), 6)
    first, second = (map_structure(structure, None, Effort(cuts=24), seed=3) for _ in range(2))
    assert first.luts() == second.luts()


def test_a_circuit_without_gates_needs_no_lut() -> None:
    b = AigBuilder(2)
    result = cover_structure(Structure.of(b.build([2, 5, 0, 1]), 6), None, 1.0, 0)
    assert (len(result.luts), result.bound, result.optimal) == (0, 0, True)


@pytest.mark.skipif(not DATA.is_dir(), reason="the public circuits are not here; set HEURIGYM_DATA to their folder")
@pytest.mark.parametrize(
    ("circuit", "area"),
    [("adder", 192), ("ctrl", 28), ("int2float", 47), ("i2c", 353), ("max", 704), ("sin", 1444), ("c6288", 443)],
)
def test_public_circuits_are_mapped_as_well_as_known(circuit: str, area: int) -> None:
    """Known: exact or best covers of the same structure with 60 stored cuts, else those of ABC's ``if -a -K 6``."""
    named = read_blif(DATA / f"{circuit}.blif")
    cover = map_structure(Structure.of(named.aig, 6), None, Effort(cuts=60), seed=1)
    check_cover(named.aig, cover.luts(), 6)
    assert cover.area <= area


@pytest.mark.skipif(not DATA.is_dir(), reason="the public circuits are not here; set HEURIGYM_DATA to their folder")
def test_annealing_reaches_the_optimum_of_the_decoder() -> None:
    named = read_blif(DATA / "dec.blif")
    result = cover_structure(Structure.of(named.aig, 6), None, 4.0, 1)
    assert (len(result.luts), result.bound) == (264, 264)
