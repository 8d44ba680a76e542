"""Families of tensor programs: transformers, mixers, convolutional and recurrent networks, mixtures of experts.

Letters: b batch, s and t positions, d and e model width, f hidden width, h heads, k width of a head, c and g
channels, y and x rows and columns of an image, v vocabulary, m experts, n capacity of an expert, p patches,
q hidden patches.
"""

import random
from collections.abc import Callable

from intra_op_parallel_tensors import Program

Builder = Callable[[random.Random, int], tuple[Program, int]]
"""Draws a program of a number of layers; it and the node of its result."""


def _normalised(program: Program, node: int) -> int:
    """Normalisation over the last dimension."""
    return program.pointwise(node, reduced=program.nodes[node].letters[-1])


def _dense(program: Program, node: int, inner: str, outer: str) -> int:
    """A dense layer that replaces the letter ``inner`` of the result of ``node`` by ``outer``."""
    letters = program.nodes[node].letters
    matrix = program.weight(inner + outer)
    return program.product((node, letters), (matrix, inner + outer), letters.replace(inner, outer))


def _feed_forward(program: Program, node: int, gated: bool) -> int:
    hidden = _dense(program, node, "d", "f")
    if gated:
        hidden = program.pointwise(hidden, _dense(program, node, "d", "f"))
    return program.pointwise(_dense(program, program.pointwise(hidden), "f", "d"), node)


def _attention(program: Program, node: int, memory: int) -> int:
    """Attention of the positions of ``node`` to those of ``memory``, and the residual sum."""
    base = _normalised(program, node)
    heads = []
    for place in (base, memory, memory):
        matrix = program.weight("dhk")
        heads.append(program.product((place, "bsd"), (matrix, "dhk"), "bshk"))
    query, key, value = heads
    scores = program.product((query, "bshk"), (key, "bthk"), "bhst")
    shares = program.pointwise(scores, reduced="t")
    mixed = program.product((shares, "bhst"), (value, "bthk"), "bshk")
    matrix = program.weight("hkd")
    return program.pointwise(program.product((mixed, "bshk"), (matrix, "hkd"), "bsd"), node)


def transformer(source: random.Random, layers: int) -> tuple[Program, int]:
    """A decoder: embedding, layers of attention and feed-forward, projection to the vocabulary."""
    heads = source.choice((8, 16))
    length = source.choice((256, 512, 1024))
    width = source.choice((512, 1024, 2048))
    program = Program(
        {"b": source.choice((8, 16, 32)), "s": length, "t": length, "h": heads, "k": width // heads}
        | {"d": width, "f": 4 * width, "v": source.choice((8192, 32768))}
    )
    gated = source.random() < 0.5
    node = _dense(program, program.source("bsv"), "v", "d")
    for _ in range(layers):
        node = _attention(program, node, _normalised(program, node))
        node = _feed_forward(program, _normalised(program, node), gated)
    return program, program.pointwise(_dense(program, node, "d", "v"), reduced="v")


def encoder_decoder(source: random.Random, layers: int) -> tuple[Program, int]:
    """An encoder, and a decoder that attends to its last layer."""
    width = source.choice((512, 1024))
    program = Program(
        {"b": source.choice((8, 16, 32)), "s": 256, "t": 256, "h": 8, "k": width // 8}
        | {"d": width, "f": 4 * width, "v": 16384}
    )
    memory = _dense(program, program.source("bsv"), "v", "d")
    for _ in range(layers):
        memory = _feed_forward(program, _attention(program, memory, memory), False)
    memory = _normalised(program, memory)
    node = _dense(program, program.source("bsv"), "v", "d")
    for _ in range(layers):
        node = _attention(program, node, node)
        node = _feed_forward(program, _attention(program, node, memory), False)
    return program, program.pointwise(_dense(program, node, "d", "v"), reduced="v")


def mixer(source: random.Random, layers: int) -> tuple[Program, int]:
    """An MLP mixer: dense layers over patches and over channels in turn."""
    width = source.choice((256, 512, 1024))
    program = Program(
        {"b": source.choice((32, 64, 128)), "p": source.choice((64, 256)), "q": source.choice((256, 512))}
        | {"d": width, "f": 4 * width}
    )
    node = _dense(program, program.source("bpf"), "f", "d")
    for _ in range(layers):
        mixed = program.pointwise(_dense(program, _normalised(program, node), "p", "q"))
        node = program.pointwise(_dense(program, mixed, "q", "p"), node)
        node = _feed_forward(program, _normalised(program, node), False)
    return program, node


def convolutional(source: random.Random, layers: int) -> tuple[Program, int]:
    """A residual network of 3 x 3 convolutions, each block with two of them, and a bottleneck in some."""
    channels = source.choice((64, 128, 256))
    side = source.choice((16, 32, 64))
    program = Program(
        {"b": source.choice((16, 32, 64)), "y": side, "x": side, "c": channels, "g": channels * 2, "v": 1024}
    )
    node = _dense(program, program.source("byxv"), "v", "c")
    for _ in range(layers):
        inside = program.pointwise(_convolution(program, node, "c", "g"), reduced="b")
        if source.random() < 0.5:
            inside = program.pointwise(_dense(program, inside, "g", "c"))
            inside = program.pointwise(_dense(program, inside, "c", "g"))
        node = program.pointwise(_convolution(program, inside, "g", "c"), node)
    matrix = program.weight("cv")
    return program, program.product((node, "byxc"), (matrix, "cv"), "bv")


def _convolution(program: Program, node: int, inner: str, outer: str) -> int:
    kernel = program.weight(inner + outer)
    letters = program.nodes[node].letters
    return program.product(
        (node, letters), (kernel, inner + outer), letters.replace(inner, outer), halo="yx", work=9
    )


def recurrent(source: random.Random, layers: int) -> tuple[Program, int]:
    """A recurrent network, unrolled: two stacked cells that share their weights over the steps, a step a layer."""
    width = source.choice((512, 1024, 2048))
    program = Program({"b": source.choice((64, 128, 256)), "d": width, "e": width, "v": 4096})
    inward = program.weight("vd")
    loops = [program.weight("de") for _ in range(2)]
    between = program.weight("de")
    gated = source.random() < 0.5
    states = [program.source("bd"), program.source("bd")]
    for _ in range(layers):
        seen = program.product((program.source("bv"), "bv"), (inward, "vd"), "bd")
        for cell in range(2):
            kept = program.product((states[cell], "bd"), (loops[cell], "de"), "be")
            first = program.pointwise(kept, seen)
            state = program.pointwise(first, states[cell]) if gated else first
            states[cell] = state
            seen = program.product((state, "bd"), (between, "de"), "be") if cell == 0 else state
    matrix = program.weight("dv")
    return program, program.product((states[1], "bd"), (matrix, "dv"), "bv")


def mixture(source: random.Random, layers: int) -> tuple[Program, int]:
    """A transformer in which every second feed-forward layer is a mixture of experts."""
    width = source.choice((512, 1024))
    batch, length = source.choice((8, 16)), 256
    experts = source.choice((8, 16))
    program = Program(
        {"b": batch, "s": length, "t": length, "h": 8, "k": width // 8, "d": width, "f": 4 * width, "v": 16384}
        | {"m": experts, "n": 2 * batch * length // experts}
    )
    node = _dense(program, program.source("bsv"), "v", "d")
    for layer in range(layers):
        node = _attention(program, node, _normalised(program, node))
        base = _normalised(program, node)
        if layer % 2:
            node = _feed_forward(program, base, False)
            continue
        gates = program.pointwise(_dense(program, base, "d", "m"), reduced="m")
        tokens = program.product((base, "bsd"), (gates, "bsm"), "mnd")
        matrix = program.weight("mdf")
        hidden = program.pointwise(program.product((tokens, "mnd"), (matrix, "mdf"), "mnf"))
        matrix = program.weight("mfd")
        done = program.product((hidden, "mnf"), (matrix, "mfd"), "mnd")
        back = program.product((done, "mnd"), (gates, "bsm"), "bsd")
        node = program.pointwise(back, node)
    return program, program.pointwise(_dense(program, node, "d", "v"), reduced="v")


FAMILIES: dict[str, Builder] = {
    "transformer": transformer,
    "encoder_decoder": encoder_decoder,
    "mixer": mixer,
    "convolutional": convolutional,
    "recurrent": recurrent,
    "mixture": mixture,
}
