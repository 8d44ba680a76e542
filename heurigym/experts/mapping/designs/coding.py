"""Error-detecting codes and cryptographic rounds."""

from collections.abc import Sequence

from heurigym.experts.mapping.aig import AigBuilder
from heurigym.experts.mapping.designs.arithmetic import Word, compress, prefix_add

_AES_POLYNOMIAL = 0x11B


def crc_step(b: AigBuilder, state: Sequence[int], data: Sequence[int], polynomial: int) -> Word:
    """The next state of a CRC register, most significant data bit first."""
    symbolic = [1 << index for index in range(len(state))]
    for index in reversed(range(len(data))):
        feedback = symbolic[-1] ^ 1 << (len(state) + index)
        symbolic = [0, *symbolic[:-1]]
        symbolic = [value ^ (feedback if polynomial >> bit & 1 else 0) for bit, value in enumerate(symbolic)]
    sources = [*state, *data]
    return [b.parity([source for bit, source in enumerate(sources) if value >> bit & 1]) for value in symbolic]


def hamming_encode(b: AigBuilder, data: Sequence[int]) -> Word:
    """A Hamming code word that corrects one error and detects two; the overall parity comes first."""
    length = _hamming_length(len(data))
    bits = iter(data)
    word = [0 if position & (position - 1) == 0 else next(bits) for position in range(length)]
    position = 1
    while position < length:
        word[position] = b.parity(
            [word[other] for other in range(length) if other & position and other != position]
        )
        position *= 2
    word[0] = b.parity(word[1:])
    return word


def hamming_decode(b: AigBuilder, word: Sequence[int]) -> tuple[Word, int]:
    """The corrected data of a Hamming code word, and whether there is an error that cannot be corrected."""
    length = len(word)
    syndrome: Word = []
    position = 1
    while position < length:
        syndrome.append(b.parity([word[other] for other in range(length) if other & position]))
        position *= 2
    odd = b.parity(word)
    data = []
    for place in range(length):
        if place & (place - 1):
            here = b.all_([bit ^ (place >> index & 1 ^ 1) for index, bit in enumerate(syndrome)])
            data.append(b.xor(word[place], b.and_(here, odd)))
    return data, b.and_(b.any_(syndrome), odd ^ 1)


def _hamming_length(data: int) -> int:
    checks = 1
    while (1 << checks) < data + checks + 1:
        checks += 1
    return data + checks + 1


def table_lookup(b: AigBuilder, address: Sequence[int], table: Sequence[int], width: int) -> Word:
    """A read-only memory: a tree of multiplexers with equal subtrees shared."""
    known: dict[tuple[int, ...], int] = {}

    def read(bit: int, values: tuple[int, ...]) -> int:
        if len(values) == 1:
            return values[0]
        if values not in known:
            half = len(values) // 2
            known[values] = b.mux(address[bit], read(bit - 1, values[half:]), read(bit - 1, values[:half]))
        return known[values]

    result = []
    for index in range(width):
        result.append(read(len(address) - 1, tuple(value >> index & 1 for value in table)))
    return result


def aes_sbox_table() -> list[int]:
    """The AES substitution box (FIPS 197, section 5.1.1)."""
    table = []
    for value in range(256):
        inverse = next((other for other in range(256) if _gf_multiply(value, other) == 1), 0)
        result = 0x63
        for shift in range(5):
            result ^= (inverse << shift | inverse >> (8 - shift)) & 0xFF
        table.append(result)
    return table


def _gf_multiply(x: int, y: int) -> int:
    product = 0
    while y:
        if y & 1:
            product ^= x
        x <<= 1
        if x & 0x100:
            x ^= _AES_POLYNOMIAL
        y >>= 1
    return product


def gf_multiply(b: AigBuilder, x: Sequence[int], y: Sequence[int]) -> Word:
    """The product in GF(2^8) of two bytes, modulo AES's polynomial."""
    columns: list[Word] = [[] for _ in range(15)]
    for i, left in enumerate(x):
        for j, right in enumerate(y):
            columns[i + j].append(b.and_(left, right))
    return _reduce(b, columns)


def gf_square(b: AigBuilder, x: Sequence[int]) -> Word:
    """The square in GF(2^8) of a byte."""
    columns: list[Word] = [[] for _ in range(15)]
    for index, bit in enumerate(x):
        columns[2 * index].append(bit)
    return _reduce(b, columns)


def _reduce(b: AigBuilder, columns: Sequence[Sequence[int]]) -> Word:
    terms: list[Word] = [[] for _ in range(8)]
    for power, column in enumerate(columns):
        reduced = 1
        for _ in range(power):
            reduced = _gf_multiply(reduced, 2)
        for index in range(8):
            if reduced >> index & 1:
                terms[index].extend(column)
    return [b.parity(term) for term in terms]


def aes_sbox(b: AigBuilder, x: Sequence[int], *, table: bool) -> Word:
    """AES's substitution of a byte, as a table or as the inverse x^254 followed by the affine map."""
    if table:
        return table_lookup(b, x, aes_sbox_table(), 8)
    x2 = gf_square(b, x)
    x3 = gf_multiply(b, x2, x)
    x12 = gf_square(b, gf_square(b, x3))
    x15 = gf_multiply(b, x12, x3)
    x240 = x15
    for _ in range(4):
        x240 = gf_square(b, x240)
    inverse = gf_multiply(b, gf_multiply(b, x240, x12), x2)
    return [
        b.parity([inverse[(index - shift) % 8] for shift in range(5)]) ^ (0x63 >> index & 1) for index in range(8)
    ]


def aes_round(
    b: AigBuilder, columns: Sequence[Sequence[Sequence[int]]], key: Sequence[int], *, table: bool
) -> Word:
    """One AES round on any number of columns of four bytes: substitute, rotate rows, mix, add the key."""
    boxes = [[aes_sbox(b, byte, table=table) for byte in column] for column in columns]
    count = len(columns)
    state: Word = []
    for index in range(count):
        a = [boxes[(index + row) % count][row] for row in range(4)]
        for row in range(4):
            twice = _times_two(b, a[row])
            thrice = [b.xor(p, q) for p, q in zip(_times_two(b, a[(row + 1) % 4]), a[(row + 1) % 4], strict=True)]
            rest = zip(a[(row + 2) % 4], a[(row + 3) % 4], strict=True)
            state += [b.parity([p, q, *others]) for p, q, others in zip(twice, thrice, rest, strict=True)]
    return [b.xor(bit, mask) for bit, mask in zip(state, key, strict=True)]


def _times_two(b: AigBuilder, x: Sequence[int]) -> Word:
    shifted = [x[7], *x[:7]]
    return [b.xor(bit, x[7]) if index in (1, 3, 4) else bit for index, bit in enumerate(shifted)]


def sha256_round(
    b: AigBuilder, state: Sequence[Sequence[int]], scheduled: Sequence[int], constant: int
) -> list[Word]:
    """One round of SHA-256 (FIPS 180-4, section 6.2.2) on eight words of the same width."""
    width = len(scheduled)
    a, bb, c, d, e, f, g, h = state
    choice = [b.mux(p, q, r) for p, q, r in zip(e, f, g, strict=True)]
    majority = [b.or_(b.and_(p, q), b.and_(r, b.or_(p, q))) for p, q, r in zip(a, bb, c, strict=True)]
    key = [constant >> index & 1 for index in range(width)]
    first = _sum(b, [h, _rotations(b, e, (6, 11, 25)), choice, key, scheduled])
    second = _sum(b, [_rotations(b, a, (2, 13, 22)), majority])
    return [_sum(b, [first, second]), list(a), list(bb), list(c), _sum(b, [d, first]), list(e), list(f), list(g)]


def _rotations(b: AigBuilder, x: Sequence[int], amounts: Sequence[int]) -> Word:
    width = len(x)
    return [b.parity([x[(index + amount) % width] for amount in amounts]) for index in range(width)]


def _sum(b: AigBuilder, words: Sequence[Sequence[int]]) -> Word:
    width = len(words[0])
    columns = [[word[index] for word in words] for index in range(width)]
    return prefix_add(b, *compress(b, columns, width), sparse=True)[0]
