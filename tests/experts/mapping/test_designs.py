"""The designs compute what their names say: compared with Python's integers on random words."""

import hashlib
import math
import random
from collections.abc import Callable, Sequence

import pytest

from heurigym.experts.mapping.aig import Aig, AigBuilder, simulate
from heurigym.experts.mapping.designs import DESIGNS, arithmetic, build_design, coding, control, datapath

PATTERNS = 200


def evaluate(aig: Aig, vectors: Sequence[int]) -> list[int]:
    """The output word for each input word, bit by bit."""
    words = [sum((vector >> index & 1) << p for p, vector in enumerate(vectors)) for index in range(aig.inputs)]
    outputs = simulate(aig, words, len(vectors))
    return [sum((word >> p & 1) << index for index, word in enumerate(outputs)) for p in range(len(vectors))]


def vectors_for(bits: int) -> list[int]:
    rng = random.Random(bits)
    corners = [0, (1 << bits) - 1, 1, 1 << bits - 1]
    return corners + [rng.getrandbits(bits) for _ in range(PATTERNS)]


def check(aig: Aig, expected: Callable[[int], int]) -> None:
    vectors = vectors_for(aig.inputs)
    assert evaluate(aig, vectors) == [expected(vector) for vector in vectors]


def low(value: int, width: int, position: int = 0) -> int:
    return value >> position & (1 << width) - 1


@pytest.mark.parametrize("size", [1, 7, 16])
def test_ripple_adder(size: int) -> None:
    check(build_design("ripple_adder", size, 0), lambda v: low(v, size) + low(v, size, size))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [1, 5, 16, 21])
def test_prefix_adder(size: int, seed: int) -> None:
    check(build_design("prefix_adder", size, seed), lambda v: low(v, size) + low(v, size, size) + (v >> 2 * size))


@pytest.mark.parametrize("kind", ["array_multiplier", "dadda_multiplier", "booth_multiplier"])
@pytest.mark.parametrize("size", [2, 5, 8])
def test_multipliers(kind: str, size: int) -> None:
    check(build_design(kind, size, 0), lambda v: low(v, size) * low(v, size, size))


def test_multiply_accumulate() -> None:
    check(build_design("multiply_accumulate", 6, 0), lambda v: low(low(v, 6) * low(v, 6, 6) + low(v, 12, 12), 12))


def test_divider() -> None:
    def divide(v: int) -> int:
        x, y = low(v, 8), low(v, 8, 8)
        return x // y | x % y << 8 if y else 255 | x << 8

    check(build_design("divider", 8, 0), divide)


@pytest.mark.parametrize("size", [2, 5, 8])
def test_square_root(size: int) -> None:
    check(build_design("square_root", size, 0), math.isqrt)


def test_barrel_shifter() -> None:
    def rotate(v: int) -> int:
        x, amount = low(v, 16), v >> 16
        return low(x << amount | x >> 16 - amount, 16)

    check(build_design("barrel_shifter", 4, 0), rotate)


def test_alu() -> None:
    def compute(v: int) -> int:
        x, y, operation = low(v, 8), low(v, 8, 8), v >> 16
        amount = y & 7
        results = (x + y, x - y, x & y, x | y, x ^ y, int(x < y), x << amount, x >> amount)
        return low(results[operation], 8)

    check(build_design("alu", 8, 0), compute)


@pytest.mark.parametrize("count", [2, 3, 5, 8, 11])
def test_sorter(count: int) -> None:
    b = AigBuilder(4 * count)
    words = [b.inputs[4 * index : 4 * index + 4] for index in range(count)]
    aig = b.build([bit for word in datapath.sort_words(b, words) for bit in word])

    def ordered(v: int) -> int:
        values = sorted(low(v, 4, 4 * index) for index in range(count))
        return sum(value << 4 * index for index, value in enumerate(values))

    check(aig, ordered)


def test_comparator() -> None:
    b = AigBuilder(14)
    x, y = b.inputs[:7], b.inputs[7:]
    aig = b.build([arithmetic.less_than(b, x, y), *datapath.absolute_difference(b, x, y)])
    check(aig, lambda v: int(low(v, 7) < v >> 7) | abs(low(v, 7) - (v >> 7)) << 1)


def test_priority_encoder() -> None:
    def first(v: int) -> int:
        return ((v & -v).bit_length() - 1) | 1 << 4 if v else 0

    check(build_design("priority_encoder", 13, 0), first)


def test_arbiter_grants_the_next_request_around_the_ring() -> None:
    aig = build_design("arbiter", 8, 0)
    rng = random.Random(1)
    for _ in range(PATTERNS):
        requests, start = rng.getrandbits(8), rng.randrange(8)
        order = [(start + step) % 8 for step in range(8)]
        granted = next((1 << place for place in order if requests >> place & 1), 0)
        assert evaluate(aig, [requests | 1 << 8 + start]) == [granted]


@pytest.mark.parametrize("size", [3, 9, 16, 31])
def test_voter(size: int) -> None:
    check(build_design("voter", size, 0), lambda v: int(v.bit_count() > size // 2))


def test_decoder() -> None:
    check(build_design("decoder", 7, 0), lambda v: 1 << v)


def test_crc_agrees_with_the_standard_check_value() -> None:
    state = 0xFFFFFFFF
    b = AigBuilder(40)
    aig = b.build(coding.crc_step(b, b.inputs[:32], b.inputs[32:], 0x04C11DB7))
    for byte in b"123456789":
        (state,) = evaluate(aig, [state | byte << 32])
    assert state == 0x0376E6E7  # CRC-32/MPEG-2


def test_hamming_corrects_one_error_and_reports_two() -> None:
    b = AigBuilder(11)
    encoder = b.build(coding.hamming_encode(b, b.inputs))
    d = AigBuilder(16)
    data, broken = coding.hamming_decode(d, d.inputs)
    decoder = d.build([*data, broken])
    rng = random.Random(2)
    for _ in range(50):
        message = rng.getrandbits(11)
        (word,) = evaluate(encoder, [message])
        first, second = rng.sample(range(16), 2)
        assert evaluate(decoder, [word, word ^ 1 << first]) == [message, message]
        assert evaluate(decoder, [word ^ 1 << first ^ 1 << second])[0] >> 11 == 1


@pytest.mark.parametrize("table", [True, False])
def test_aes_sbox(table: bool) -> None:
    b = AigBuilder(8)
    aig = b.build(coding.aes_sbox(b, b.inputs, table=table))
    values = evaluate(aig, range(256))
    assert values[:4] == [0x63, 0x7C, 0x77, 0x7B]
    assert values[0x53] == 0xED
    assert values == coding.aes_sbox_table()


@pytest.mark.parametrize("table", [True, False])
def test_aes_round_agrees_with_the_example_of_the_standard(table: bool) -> None:
    b = AigBuilder(256)
    columns = [[b.inputs[32 * c + 8 * r : 32 * c + 8 * r + 8] for r in range(4)] for c in range(4)]
    aig = b.build(coding.aes_round(b, columns, b.inputs[128:], table=table))
    state = int.from_bytes(bytes.fromhex("193de3bea0f4e22b9ac68d2ae9f84808"), "little")
    key = int.from_bytes(bytes.fromhex("a0fafe1788542cb123a339392a6c7605"), "little")
    (after,) = evaluate(aig, [state | key << 128])
    assert after.to_bytes(16, "little").hex() == "a49c7ff2689f352b6b5bea43026a5049"


def test_sha256_rounds_make_the_digest_of_the_empty_message() -> None:
    primes = [p for p in range(2, 312) if all(p % q for q in range(2, math.isqrt(p) + 1))]
    constants = [integer_root(p << 96, 3) & 0xFFFFFFFF for p in primes]
    initial = [math.isqrt(p << 64) & 0xFFFFFFFF for p in primes[:8]]
    schedule = [0x80000000] + [0] * 15

    def rotated(x: int, amount: int) -> int:
        return (x >> amount | x << 32 - amount) & 0xFFFFFFFF

    for t in range(16, 64):
        s0 = rotated(schedule[t - 15], 7) ^ rotated(schedule[t - 15], 18) ^ schedule[t - 15] >> 3
        s1 = rotated(schedule[t - 2], 17) ^ rotated(schedule[t - 2], 19) ^ schedule[t - 2] >> 10
        schedule.append((schedule[t - 16] + s0 + schedule[t - 7] + s1) & 0xFFFFFFFF)
    state = sum(word << 32 * index for index, word in enumerate(initial))
    for constant, word in zip(constants, schedule, strict=True):
        b = AigBuilder(288)
        words = [b.inputs[32 * index : 32 * index + 32] for index in range(9)]
        aig = b.build([bit for out in coding.sha256_round(b, words[:8], words[8], constant) for bit in out])
        (state,) = evaluate(aig, [state | word << 256])
    final = [(low(state, 32, 32 * index) + word) & 0xFFFFFFFF for index, word in enumerate(initial)]
    digest = b"".join(word.to_bytes(4, "big") for word in final)
    assert digest == hashlib.sha256(b"").digest()


def integer_root(value: int, degree: int) -> int:
    root = 1 << -(-value.bit_length() // degree)
    while True:
        smaller = ((degree - 1) * root + value // root ** (degree - 1)) // degree
        if smaller >= root:
            return root
        root = smaller


def test_fir_is_a_weighted_sum() -> None:
    taps = [3, 255, 100, 77]
    b = AigBuilder(32)
    aig = b.build(datapath.fir(b, [b.inputs[8 * index : 8 * index + 8] for index in range(4)], taps, 16))
    check(aig, lambda v: low(sum(tap * low(v, 8, 8 * index) for index, tap in enumerate(taps)), 16))


def test_cordic_turns_a_vector() -> None:
    width = 16
    b = AigBuilder(3 * width)
    words = [b.inputs[width * index : width * index + width] for index in range(3)]
    x, y, _ = datapath.cordic_rotate(b, *words, 14)
    aig = b.build(x + y)
    unit = 1 << width - 2
    for degrees in (-80, -30, 0, 45, 77):
        angle = math.radians(degrees)
        start = round(0.3 * unit)
        (out,) = evaluate(aig, [start | low(round(angle * unit), width) << 2 * width])
        px, py = signed(low(out, width), width), signed(out >> width, width)
        gain = math.prod(math.sqrt(1 + 4.0**-step) for step in range(14))
        assert px == pytest.approx(start * gain * math.cos(angle), abs=24)
        assert py == pytest.approx(start * gain * math.sin(angle), abs=24)


def signed(value: int, width: int) -> int:
    return value - (1 << width) if value >> width - 1 else value


def test_float_adder_is_within_one_unit_in_the_last_place() -> None:
    exponent, fraction = 5, 10
    aig = build_design("float_adder", 16, 0)

    def decode(bits: int) -> float:
        power, mantissa = low(bits, exponent, fraction), low(bits, fraction)
        value = (1 + mantissa / 2**fraction) * 2.0 ** (power - 15) if power else 0.0
        return -value if bits >> 15 else value

    rng = random.Random(3)
    pairs = []
    while len(pairs) < 300:
        x, y = rng.getrandbits(16), rng.getrandbits(16)
        powers = (low(x, exponent, fraction), low(y, exponent, fraction))
        exact = decode(x) + decode(y)
        if all(8 <= power <= 24 for power in powers) and abs(exact) >= 2.0**-14:
            pairs.append((x, y, exact))
    results = evaluate(aig, [x | y << 16 for x, y, _ in pairs])
    for (x, y, exact), result in zip(pairs, results, strict=True):
        ulp = 2.0 ** (math.frexp(exact)[1] - 1 - fraction)
        assert abs(decode(result) - exact) <= ulp, (x, y)


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_every_design_is_a_reproducible_circuit_without_waste(name: str) -> None:
    size = {"barrel_shifter": 3, "aes_sbox": 1, "aes_round": 1, "sha256_rounds": 1}.get(name, 8)
    aig = build_design(name, size, 5)
    assert (build_design(name, size, 5).gates == aig.gates).all()
    gates = [tuple(gate) for gate in aig.gates.tolist()]
    assert len(set(gates)) == len(gates) > 0
    assert all(2 <= left < right < 2 * (aig.first_gate + index) for index, (left, right) in enumerate(gates))
    read = {literal >> 1 for gate in gates for literal in gate} | {literal >> 1 for literal in aig.outputs.tolist()}
    assert read >= set(range(aig.first_gate, aig.nodes))


def test_random_logic_depends_on_its_seed() -> None:
    first, second = (build_design("memory_controller", 24, seed) for seed in (1, 2))
    assert first.gates.shape != second.gates.shape or (first.gates != second.gates).any()


def test_sum_of_products_has_the_outputs_that_it_is_asked_for() -> None:
    b = AigBuilder(10)
    assert len(control.sum_of_products(b, b.inputs, 6, 12, random.Random(0))) == 6
