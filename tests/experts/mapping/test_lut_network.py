"""BLIF in and out: covers keep the function of a circuit, whatever the polarity and sharing of its outputs."""

import random

import pytest

from heurigym.experts.mapping.abc import AbcFailed, find_abc
from heurigym.experts.mapping.aig import Aig, AigBuilder, simulate
from heurigym.experts.mapping.blif import NamedAig, parse_blif
from heurigym.experts.mapping.designs import build_design
from heurigym.experts.mapping.functional import map_circuit
from heurigym.experts.mapping.lut_network import cubes_of, variable, write_gates, write_luts
from heurigym.experts.mapping.mapper import Effort, map_structure
from heurigym.experts.mapping.measures import count_luts, depth_of
from heurigym.experts.mapping.structure import Structure, shallowest_cover


def named(aig: Aig) -> NamedAig:
    return NamedAig(
        "test", tuple(f"x{i}" for i in range(aig.inputs)), tuple(f"y{i}" for i in range(len(aig.outputs))), aig
    )


def outputs_of(text: str) -> list[int]:
    """Output words on 500 random patterns, the same for the same inputs."""
    circuit = parse_blif(text)
    rng = random.Random(1)
    return simulate(circuit.aig, [rng.getrandbits(500) for _ in circuit.inputs], 500)


@pytest.mark.parametrize("seed", range(200))
def test_cubes_are_the_truth_table(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(1, 6)
    truth = rng.getrandbits(1 << count) & rng.getrandbits(1 << count) if seed % 2 else rng.getrandbits(1 << count)
    everything = (1 << (1 << count)) - 1
    total = 0
    for cube in cubes_of(truth, count):
        product = everything
        for index, bit in enumerate(cube):
            if bit != "-":
                product &= variable(index, count) ^ (0 if bit == "1" else everything)
        assert product
        total |= product
    assert total == truth


def test_constants_have_no_cube_or_one_without_literals() -> None:
    assert cubes_of(0, 3) == []
    assert cubes_of(255, 3) == ["---"]


@pytest.mark.parametrize("design", ["alu", "float_adder", "decoder", "hamming", "memory_controller"])
def test_covers_compute_the_circuit(design: str) -> None:
    circuit = named(build_design(design, 12 if design == "float_adder" else 7, 2))
    cover = map_structure(Structure.of(circuit.aig, 6), None, Effort(cuts=12), seed=0)
    text = write_luts(circuit, cover.luts())
    assert outputs_of(text) == outputs_of(write_gates(circuit))
    shared = len(circuit.aig.outputs) - len({literal >> 1 for literal in circuit.aig.outputs.tolist()})
    # Fewer where the circuit is redundant, so that a LUT's function is a constant or a wire.
    assert count_luts(text) <= cover.area + shared


def test_outputs_of_all_kinds_are_written() -> None:
    b = AigBuilder(2)
    gate = b.and_(2, 4)
    circuit = named(b.build([gate, gate ^ 1, gate, 2, 3, 0, 1]))
    text = write_luts(circuit, {3: (1, 2)})
    a, c = (simulate(circuit.aig, [0b1100, 0b1010], 4), simulate(parse_blif(text).aig, [0b1100, 0b1010], 4))
    assert a == c == [0b1000, 0b0111, 0b1000, 0b1100, 0b0011, 0, 0b1111]
    assert count_luts(text) == 3


def test_an_output_of_both_polarities_is_no_deeper_than_its_gate() -> None:
    b = AigBuilder(3)
    inner = b.and_(2, 4)
    outer = b.and_(inner ^ 1, 6)
    circuit = named(b.build([outer, outer ^ 1, inner]))
    text = write_luts(circuit, {4: (1, 2), 5: (3, 4)})
    assert outputs_of(text) == outputs_of(write_gates(circuit))
    assert (count_luts(text), depth_of(text)) == (3, 2)


def test_an_output_that_is_first_seen_complemented_is_read_back_right() -> None:
    b = AigBuilder(3)
    inner = b.and_(2, 4)
    outer = b.and_(inner, 6)
    circuit = named(b.build([inner ^ 1, outer]))
    text = write_luts(circuit, {4: (1, 2), 5: (3, 4)})
    assert outputs_of(text) == outputs_of(write_gates(circuit))
    assert count_luts(text) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".model m\n.inputs a\n.outputs y\n.latch a y\n.end\n", ".latch is not supported"),
        (".inputs a\n.outputs y\n.end\n", "undriven"),
        (".inputs a\n.outputs y\n.names y a y\n11 1\n.end\n", "cycle"),
        (".inputs a\n.outputs y\n1 1\n", "outside"),
    ],
)
def test_other_blif_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_blif(text)


def test_the_expert_without_abc_covers_the_given_structure() -> None:
    circuit = named(build_design("alu", 6, 0))
    result = map_circuit(write_gates(circuit), 2.0, 0, use_abc=False)
    assert outputs_of(result.blif) == outputs_of(write_gates(circuit))
    assert result.luts == count_luts(result.blif)
    assert "ABC" not in result.solver


@pytest.mark.skipif(find_abc() is None, reason="ABC is not installed")
def test_resynthesis_by_abc_helps_and_is_named() -> None:
    circuit = named(build_design("priority_encoder", 28, 0))
    text = write_gates(circuit)
    alone, together = (map_circuit(text, 4.0, 0, use_abc=use) for use in (False, True))
    assert outputs_of(together.blif) == outputs_of(text)
    assert together.luts < alone.luts
    assert "ABC" in together.solver
    assert "ABC" in together.version


def test_the_expert_keeps_a_depth_bound() -> None:
    circuit = NamedAig.numbered("adder", build_design("ripple_adder", 12, 0))
    text = write_gates(circuit)
    bound = shallowest_cover(Structure.of(circuit.aig, 6)).depth()
    free, bounded = (map_circuit(text, 3.0, 0, max_depth=depth) for depth in (None, bound))
    assert outputs_of(bounded.blif) == outputs_of(text)
    assert depth_of(bounded.blif) <= bound < depth_of(write_gates(circuit))
    assert free.luts <= bounded.luts


@pytest.mark.skipif(find_abc() is None, reason="ABC is not installed")
def test_a_script_that_writes_nothing_is_an_error() -> None:
    abc = find_abc()
    assert abc is not None
    with pytest.raises(AbcFailed):
        abc.run("not a circuit", "strash", 10.0)
