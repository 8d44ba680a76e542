"""Control logic: priority, arbitration, voting, decoding, and a controller made of tables."""

import random
from collections.abc import Sequence

from heurigym.experts.mapping.aig import FALSE, TRUE, AigBuilder
from heurigym.experts.mapping.designs.arithmetic import Word, compress, less_than, prefix_add


def priority_encode(b: AigBuilder, requests: Sequence[int]) -> tuple[Word, int]:
    """The index of the first request, and whether there is one."""
    width = (len(requests) - 1).bit_length()
    blocked, index = FALSE, [FALSE] * width
    for place, request in enumerate(requests):
        first = b.and_(request, blocked ^ 1)
        blocked = b.or_(blocked, request)
        index = [b.or_(bit, first) if place >> bit_index & 1 else bit for bit_index, bit in enumerate(index)]
    return index, blocked


def round_robin(b: AigBuilder, requests: Sequence[int], pointer: Sequence[int]) -> Word:
    """Grants of an arbiter: the first request at or after the one-hot ``pointer``, around the ring."""
    count = len(requests)
    grant: Word = [FALSE] * count
    for start in range(count):
        free = pointer[start]
        for step in range(count):
            place = (start + step) % count
            grant[place] = b.or_(grant[place], b.and_(free, requests[place]))
            free = b.and_(free, requests[place] ^ 1)
    return grant


def majority(b: AigBuilder, votes: Sequence[int]) -> int:
    """Whether more than half of the votes are cast, by counting them."""
    width = len(votes).bit_length()
    first, second = compress(b, [list(votes)], width)
    count, _ = prefix_add(b, first, second, sparse=True)
    half = [len(votes) // 2 >> index & 1 for index in range(width)]
    return less_than(b, half, count)


def decode(b: AigBuilder, address: Sequence[int]) -> Word:
    """All minterms of ``address``, from those of its halves."""
    if len(address) == 1:
        return [address[0] ^ 1, address[0]]
    half = len(address) // 2
    low, high = decode(b, address[:half]), decode(b, address[half:])
    return [b.and_(p, q) for q in high for p in low]


def sum_of_products(b: AigBuilder, inputs: Sequence[int], outputs: int, terms: int, rng: random.Random) -> Word:
    """Two-level random logic with shared product terms, as in decoders of instructions."""
    products = []
    for _ in range(terms):
        chosen = rng.sample(range(len(inputs)), rng.randint(2, min(7, len(inputs))))
        products.append(b.all_([inputs[index] ^ rng.randint(0, 1) for index in chosen]))
    return [b.any_(rng.sample(products, rng.randint(2, min(12, len(products))))) for _ in range(outputs)]


def controller(
    b: AigBuilder, state: Sequence[int], inputs: Sequence[int], outputs: int, rng: random.Random
) -> Word:
    """Next state and outputs of a random controller: guarded transitions between one-hot states, like a memory's.

    Every state has a few transitions, each guarded by a condition on a few inputs, tried in order; every output
    holds in some states, in some of them under a condition.
    """
    count = len(state)
    following: list[Word] = [[] for _ in range(count)]
    conditions = [
        b.all_([inputs[index] ^ rng.randint(0, 1) for index in rng.sample(range(len(inputs)), rng.randint(1, 4))])
        for _ in range(2 * count)
    ]
    for place in range(count):
        free = state[place]
        for _ in range(rng.randint(1, 3)):
            condition = rng.choice(conditions)
            following[rng.randrange(count)].append(b.and_(free, condition))
            free = b.and_(free, condition ^ 1)
        following[place].append(free)
    actions = []
    for _ in range(outputs):
        places = rng.sample(range(count), rng.randint(1, min(8, count)))
        actions.append(b.any_([b.and_(state[place], rng.choice([TRUE, *conditions])) for place in places]))
    return [b.any_(terms) for terms in following] + actions
