"""The designs by name: each builds a circuit from a size, and from a seed where it has random parts."""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from heurigym.experts.mapping.aig import Aig, AigBuilder
from heurigym.experts.mapping.designs import arithmetic, coding, control, datapath
from heurigym.experts.mapping.designs.arithmetic import Word

Design: TypeAlias = Callable[[int, random.Random], Aig]
"""Makes a circuit of a size; the unit of the size (bits, words, requests, ...) is the design's own."""


def _words(inputs: Sequence[int], *widths: int) -> list[Word]:
    words, position = [], 0
    for width in widths:
        words.append(list(inputs[position : position + width]))
        position += width
    return words


def _ripple_adder(size: int, _: random.Random) -> Aig:
    b = AigBuilder(2 * size)
    x, y = _words(b.inputs, size, size)
    total, carry = arithmetic.ripple_add(b, x, y)
    return b.build([*total, carry])


def _prefix_adder(size: int, rng: random.Random) -> Aig:
    b = AigBuilder(2 * size + 1)
    x, y, carry = _words(b.inputs, size, size, 1)
    total, out = arithmetic.prefix_add(b, x, y, carry[0], sparse=rng.random() < 0.5)
    return b.build([*total, out])


def _multiplier(multiply: Callable[[AigBuilder, Word, Word], Word]) -> Design:
    def build(size: int, _: random.Random) -> Aig:
        b = AigBuilder(2 * size)
        return b.build(multiply(b, *_words(b.inputs, size, size)))

    return build


def _multiply_accumulate(size: int, _: random.Random) -> Aig:
    b = AigBuilder(4 * size)
    x, y, addend = _words(b.inputs, size, size, 2 * size)
    product = arithmetic.array_multiply(b, x, y)
    return b.build(arithmetic.prefix_add(b, product, addend)[0])


def _divider(size: int, _: random.Random) -> Aig:
    b = AigBuilder(2 * size)
    quotient, remainder = arithmetic.restoring_divide(b, *_words(b.inputs, size, size))
    return b.build(quotient + remainder)


def _square_root(size: int, _: random.Random) -> Aig:
    b = AigBuilder(2 * size)
    return b.build(arithmetic.square_root(b, b.inputs))


def _barrel_shifter(size: int, _: random.Random) -> Aig:
    width = 1 << size
    b = AigBuilder(width + size)
    return b.build(datapath.rotate_left(b, *_words(b.inputs, width, size)))


def _alu(size: int, _: random.Random) -> Aig:
    b = AigBuilder(2 * size + 3)
    return b.build(datapath.alu(b, *_words(b.inputs, size, size, 3)))


def _comparator(size: int, rng: random.Random) -> Aig:
    count = rng.randint(4, 6)
    b = AigBuilder(count * size)
    words = _words(b.inputs, *[size] * count)
    flags = [arithmetic.less_than(b, x, y) for i, x in enumerate(words) for y in words[i + 1 :]]
    distance = datapath.absolute_difference(b, words[0], words[1])
    return b.build(flags + distance)


def _sorter(size: int, rng: random.Random) -> Aig:
    width = rng.randint(4, 8)
    b = AigBuilder(size * width)
    return b.build([bit for word in datapath.sort_words(b, _words(b.inputs, *[width] * size)) for bit in word])


def _priority_encoder(size: int, _: random.Random) -> Aig:
    b = AigBuilder(size)
    index, valid = control.priority_encode(b, b.inputs)
    return b.build([*index, valid])


def _arbiter(size: int, _: random.Random) -> Aig:
    b = AigBuilder(2 * size)
    return b.build(control.round_robin(b, *_words(b.inputs, size, size)))


def _crc(size: int, rng: random.Random) -> Aig:
    state, polynomial = rng.choice([(16, 0x1021), (24, 0x864CFB), (32, 0x04C11DB7), (32, 0x1EDC6F41)])
    b = AigBuilder(state + size)
    register, data = _words(b.inputs, state, size)
    return b.build(coding.crc_step(b, register, data, polynomial))


def _hamming(size: int, _: random.Random) -> Aig:
    length = len(coding.hamming_encode(AigBuilder(0), [0] * size))
    b = AigBuilder(size + length)
    data, word = _words(b.inputs, size, length)
    corrected, broken = coding.hamming_decode(b, word)
    return b.build([*coding.hamming_encode(b, data), *corrected, broken])


def _aes_sbox(size: int, rng: random.Random) -> Aig:
    b = AigBuilder(8 * size)
    table = rng.random() < 0.5
    return b.build([bit for byte in _words(b.inputs, *[8] * size) for bit in coding.aes_sbox(b, byte, table=table)])


def _aes_round(size: int, rng: random.Random) -> Aig:
    b = AigBuilder(64 * size)
    data, key = _words(b.inputs, 32 * size, 32 * size)
    columns = [_words(data[32 * index :], 8, 8, 8, 8) for index in range(size)]
    return b.build(coding.aes_round(b, columns, key, table=rng.random() < 0.5))


def _sha256_rounds(size: int, rng: random.Random) -> Aig:
    b = AigBuilder(32 * (8 + size))
    state, message = _words(b.inputs, *[32] * 8), _words(b.inputs[256:], *[32] * size)
    for word in message:
        state = coding.sha256_round(b, state, word, rng.getrandbits(32))
    return b.build([bit for word in state for bit in word])


def _fir(size: int, rng: random.Random) -> Aig:
    width = rng.randint(8, 12)
    taps = [rng.randrange(3, 1 << width - 1) for _ in range(size)]
    b = AigBuilder(size * width)
    return b.build(datapath.fir(b, _words(b.inputs, *[width] * size), taps, 2 * width))


def _float_adder(size: int, _: random.Random) -> Aig:
    exponent = 5 if size <= 16 else 8
    b = AigBuilder(2 * size)
    x, y = _words(b.inputs, size, size)
    return b.build(datapath.float_add(b, x, y, exponent))


def _cordic(size: int, rng: random.Random) -> Aig:
    b = AigBuilder(3 * size)
    x, y, angle = _words(b.inputs, size, size, size)
    x, y, rest = datapath.cordic_rotate(b, x, y, angle, rng.randint(size // 2, size - 2))
    return b.build(x + y + rest)


def _voter(size: int, _: random.Random) -> Aig:
    b = AigBuilder(size)
    return b.build([control.majority(b, b.inputs)])


def _decoder(size: int, _: random.Random) -> Aig:
    b = AigBuilder(size)
    return b.build(control.decode(b, b.inputs))


def _instruction_decoder(size: int, rng: random.Random) -> Aig:
    b = AigBuilder(12 + size // 8)
    return b.build(control.sum_of_products(b, b.inputs, size, 2 * size, rng))


def _memory_controller(size: int, rng: random.Random) -> Aig:
    b = AigBuilder(size + 16 + size)
    state, inputs, address = _words(b.inputs, size, 16, size)
    actions = control.controller(b, state, inputs, size, rng)
    rows = control.decode(b, address[: min(size, 6)])
    match = arithmetic.less_than(b, address, state)
    return b.build([*actions, *[b.and_(row, match) for row in rows]])


DESIGNS: Mapping[str, Design] = MappingProxyType(
    {
        "ripple_adder": _ripple_adder,
        "prefix_adder": _prefix_adder,
        "array_multiplier": _multiplier(arithmetic.array_multiply),
        "dadda_multiplier": _multiplier(arithmetic.dadda_multiply),
        "booth_multiplier": _multiplier(arithmetic.booth_multiply),
        "multiply_accumulate": _multiply_accumulate,
        "divider": _divider,
        "square_root": _square_root,
        "barrel_shifter": _barrel_shifter,
        "alu": _alu,
        "comparator": _comparator,
        "sorter": _sorter,
        "priority_encoder": _priority_encoder,
        "arbiter": _arbiter,
        "crc": _crc,
        "hamming": _hamming,
        "aes_sbox": _aes_sbox,
        "aes_round": _aes_round,
        "sha256_rounds": _sha256_rounds,
        "fir": _fir,
        "float_adder": _float_adder,
        "cordic": _cordic,
        "voter": _voter,
        "decoder": _decoder,
        "instruction_decoder": _instruction_decoder,
        "memory_controller": _memory_controller,
    }
)
"""Every design by its name."""


def build_design(name: str, size: int, seed: int) -> Aig:
    """The circuit of a design: the same for the same arguments on every machine.

    Args:
        name: a key of :data:`DESIGNS`.
        size: the design's size: bits of a word for arithmetic, words, requests, votes or samples for the others.
        seed: fixes the random parts of a design that has some.

    Raises:
        KeyError: there is no such design.
    """
    return DESIGNS[name](size, random.Random(f"{name}/{size}/{seed}"))


def draw_designs(rng: random.Random, sizes: Mapping[str, tuple[int, int]], count: int) -> Iterator[tuple[str, int]]:
    """Designs with sizes: every design once before any comes again, sizes of all magnitudes equally often.

    Args:
        rng: source of randomness; the caller may draw from it in between.
        sizes: smallest and largest size of each design to draw from.
        count: number of designs.
    """
    names: list[str] = []
    for _ in range(count):
        names = names or rng.sample(sorted(sizes), len(sizes))
        name = names.pop()
        low, high = sizes[name]
        yield name, round(math.exp(rng.uniform(math.log(low), math.log(high))))
