"""The networks: four on images of digits, and a perceptron that is small enough for exact Hessians."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from heurigym.errors import InputError
from heurigym.experts.quantization.layers import Layer, Network, Run


def _pool(x: Array) -> Array:
    """Means of 2 x 2 pixels."""
    samples, rows, columns, channels = x.shape
    return x.reshape(samples, rows // 2, 2, columns // 2, 2, channels).mean((2, 4))


def _perceptron() -> Network:
    widths = (13, 8, 6, 3)
    layers = tuple(Layer(f"dense{i}", "dense", *pair) for i, pair in enumerate(itertools.pairwise(widths)))

    def forward(run: Run, x: Array) -> Array:
        for layer in layers[:-1]:
            x = jnp.tanh(run(layer.name, x))
        return run(layers[-1].name, x)

    return Network("perceptron", "three dense layers on wines", "wine", layers, forward, 100, 0.01)


def _cnn() -> Network:
    stages = (("a", 1, 12, 3), ("b", 12, 24, 3), ("c", 24, 32, 3))
    convolutions = {
        stage: [Layer(f"{stage}{i}", "conv", inputs if i == 0 else outputs, outputs, 3) for i in range(depth)]
        for stage, inputs, outputs, depth in stages
    }
    head = [Layer("hidden", "dense", 128, 48), Layer("classifier", "dense", 48, 10)]

    def forward(run: Run, x: Array) -> Array:
        for number, members in enumerate(convolutions.values()):
            x = x if number == 0 else _pool(x)
            for layer in members:
                x = jax.nn.relu(run(layer.name, x))
        x = jax.nn.relu(run("hidden", x.reshape(len(x), -1)))
        return run("classifier", x)

    layers = (*itertools.chain(*convolutions.values()), *head)
    return Network("cnn", "plain convolutional network without normalisation", "digits", layers, forward, 25, 0.002)


def _resnet() -> Network:
    layers = [Layer("stem", "conv", 1, 8, 3, normalised=True)]
    blocks: list[tuple[str, bool]] = []
    width = 8
    for stage, outputs in enumerate((8, 16, 32)):
        for number in range(3):
            stride = 2 if stage and not number else 1
            name = f"block{stage}{number}"
            layers += [
                Layer(f"{name}.first", "conv", width, outputs, 3, stride, True),
                Layer(f"{name}.second", "conv", outputs, outputs, 3, 1, True),
            ]
            if stride == 2:
                layers.append(Layer(f"{name}.shortcut", "conv", width, outputs, 1, stride, True))
            blocks.append((name, stride == 2))
            width = outputs
    layers.append(Layer("classifier", "dense", width, 10))

    def forward(run: Run, x: Array) -> Array:
        x = jax.nn.relu(run("stem", x))
        for name, projected in blocks:
            branch = run(f"{name}.second", jax.nn.relu(run(f"{name}.first", x)))
            x = jax.nn.relu(branch + (run(f"{name}.shortcut", x) if projected else x))
        return run("classifier", x.mean((1, 2)))

    names = [layer.name for layer in layers]
    ties = tuple(
        (names.index(f"{name}.first"), names.index(f"{name}.shortcut")) for name, projected in blocks if projected
    )
    return Network(
        "resnet", "residual network of 20 layers", "digits", tuple(layers), forward, 20, 0.01, True, ties
    )


def _mobilenet() -> Network:
    expansion = 3
    plan = ((8, 1), (8, 1), (16, 2), (16, 1), (16, 1), (24, 2), (24, 1), (24, 1))
    layers = [Layer("stem", "conv", 1, 8, 3, normalised=True)]
    residual: list[bool] = []
    width = 8
    for number, (outputs, stride) in enumerate(plan):
        wide = expansion * width
        layers += [
            Layer(f"block{number}.expand", "conv", width, wide, 1, 1, True),
            Layer(f"block{number}.depthwise", "depthwise", wide, wide, 3, stride, True),
            Layer(f"block{number}.project", "conv", wide, outputs, 1, 1, True),
        ]
        residual.append(stride == 1 and width == outputs)
        width = outputs
    layers += [Layer("head", "conv", width, 64, 1, 1, True), Layer("classifier", "dense", 64, 10)]

    def forward(run: Run, x: Array) -> Array:
        x = jax.nn.relu(run("stem", x))
        for number, joined in enumerate(residual):
            y = jax.nn.relu(run(f"block{number}.expand", x))
            y = jax.nn.relu(run(f"block{number}.depthwise", y))
            y = run(f"block{number}.project", y)
            x = x + y if joined else y
        return run("classifier", jax.nn.relu(run("head", x)).mean((1, 2)))

    title = "inverted residuals with depthwise convolutions"
    return Network("mobilenet", title, "digits", tuple(layers), forward, 25, 0.01, True)


def _standardise(x: Array) -> Array:
    """Layer normalisation without gain and offset: the linear layer that reads the result holds them."""
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)


def _positions(tokens: int, width: int) -> Array:
    """Sines and cosines of the tokens' positions (Vaswani et al., 2017, section 3.5)."""
    angles = np.arange(tokens)[:, None] / 10000.0 ** (np.arange(width // 2) * 2 / width)
    return jnp.asarray(np.concatenate([np.sin(angles), np.cos(angles)], axis=1))


def _transformer() -> Network:
    width, heads, depth, patch, step = 32, 4, 4, 4, 2
    layers = [Layer("embedding", "dense", patch**2, width)]
    ties = []
    for block in range(depth):
        ties.append(tuple(len(layers) + i for i in range(3)))
        layers += [
            Layer(f"block{block}.{part}", "dense", width, width) for part in ("query", "key", "value", "mix")
        ]
        layers += [
            Layer(f"block{block}.up", "dense", width, 2 * width),
            Layer(f"block{block}.down", "dense", 2 * width, width),
        ]
    layers.append(Layer("classifier", "dense", width, 10))

    def attention(run: Run, x: Array, block: str) -> Array:
        samples, tokens, _ = x.shape
        query, key, value = (
            run(f"{block}.{part}", x).reshape(samples, tokens, heads, width // heads)
            for part in ("query", "key", "value")
        )
        scores = jnp.einsum("nqhc,nkhc->nhqk", query, key) / np.sqrt(width // heads)
        mixed = jnp.einsum("nhqk,nkhc->nqhc", jax.nn.softmax(scores), value)
        return run(f"{block}.mix", mixed.reshape(samples, tokens, width))

    def forward(run: Run, x: Array) -> Array:
        corners = range(0, x.shape[1] - patch + 1, step)
        tiles = [x[:, row : row + patch, column : column + patch] for row in corners for column in corners]
        x = run("embedding", jnp.stack([tile.reshape(len(x), -1) for tile in tiles], axis=1))
        x = x + _positions(x.shape[1], width)
        for block in (f"block{i}" for i in range(depth)):
            x = x + attention(run, _standardise(x), block)
            x = x + run(f"{block}.down", jax.nn.relu(run(f"{block}.up", _standardise(x))))
        return run("classifier", _standardise(x).mean(1))

    title = "transformer on overlapping patches of 4 x 4 pixels"
    return Network("transformer", title, "digits", tuple(layers), forward, 40, 0.002, False, tuple(ties))


_BUILDERS = {
    "perceptron": _perceptron,
    "cnn": _cnn,
    "resnet": _resnet,
    "mobilenet": _mobilenet,
    "transformer": _transformer,
}
NAMES = tuple(_BUILDERS)
"""Names of the networks."""


def network(name: str) -> Network:
    """The architecture called ``name``.

    Raises:
        InputError: there is none.
    """
    if name not in _BUILDERS:
        raise InputError(f"network {name!r} is unknown: choose one of {', '.join(NAMES)}")
    return _BUILDERS[name]()
