"""Quantisable layers and networks of them: everything with weights, and nothing else, is a layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

Run: TypeAlias = Callable[[str, Array], Array]
"""``run(name, x)``: the output of the layer called ``name`` on ``x``; how it is computed is the caller's matter."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A linear map with bias.

    Weights are a matrix of one column per output channel. Its rows are the input channels of a ``dense`` layer, the
    kernel's cells times the input channels of a ``conv`` layer, the kernel's cells of a ``depthwise`` layer.

    Attributes:
        name: unique within the network.
        kind: ``conv``, ``depthwise`` (every channel has a kernel of its own) or ``dense``.
        inputs: input channels.
        outputs: output channels.
        kernel: side of the square kernel.
        stride: step of the kernel.
        normalised: whether batch normalisation follows; it is folded into the layer after training.
    """

    name: str
    kind: Literal["conv", "depthwise", "dense"]
    inputs: int
    outputs: int
    kernel: int = 1
    stride: int = 1
    normalised: bool = False

    @property
    def fan_in(self) -> int:
        """Rows of the weight matrix."""
        return self.kernel**2 * (1 if self.kind == "depthwise" else self.inputs)

    @property
    def parameters(self) -> int:
        """Number of weights; biases stay in full precision and are not counted."""
        return self.fan_in * self.outputs


@dataclass(frozen=True, slots=True)
class Network:
    """An architecture and how it is trained.

    Attributes:
        name: what commands and files call it.
        title: one line for people.
        dataset: name of the data set.
        layers: the layers in the order in which data pass them.
        forward: ``forward(run, inputs)``: the logits.
        epochs: passes over the training samples.
        learning_rate: Adam's first step size; it falls to zero along a cosine.
        shifted: whether batches of images are moved by up to a pixel in training.
        ties: groups of layers that read the same tensor. The tensor is quantised once, so the layers agree.
    """

    name: str
    title: str
    dataset: str
    layers: tuple[Layer, ...]
    forward: Callable[[Run, Array], Array]
    epochs: int
    learning_rate: float
    shifted: bool = False
    ties: tuple[tuple[int, ...], ...] = ()

    def index(self, name: str) -> int:
        """Position of the layer called ``name``."""
        return next(i for i, layer in enumerate(self.layers) if layer.name == name)


def _selection(size: int, kernel: int, stride: int) -> NDArray[np.float64]:
    """Which pixel of a line each cell of a kernel sees at each place: (place, cell, pixel)."""
    centres = np.arange(0, size, stride)[:, None, None]
    offsets = np.arange(kernel)[None, :, None] - (kernel - 1) // 2
    return np.asarray(centres + offsets == np.arange(size), dtype=np.float64)


def _windows(x: Array, kernel: int, stride: int) -> Array:
    """What a kernel sees of an image padded with zeros: (sample, row, column, cell of the kernel, channel).

    Products with constant matrices, one for rows and one for columns, instead of XLA's convolution, which is slow
    in double precision: on images this small they cost little more than the layer's own product, and derivatives
    of every order are products again, which compile in a fraction of the time.
    """
    if kernel == 1:
        return x[:, ::stride, ::stride, None, :]
    rows, columns = (_selection(size, kernel, stride) for size in x.shape[1:3])
    seen = jnp.einsum("aip,bjq,npqc->nabijc", rows, columns, x)
    return seen.reshape(*seen.shape[:3], kernel**2, x.shape[-1])


def linear(layer: Layer, x: Array, weight: Array) -> Array:
    """The layer's product without bias, (..., output channel)."""
    if layer.kind == "dense":
        return x @ weight
    windows = _windows(x, layer.kernel, layer.stride)
    if layer.kind == "depthwise":
        return (windows * weight).sum(-2)
    return windows.reshape(*windows.shape[:-2], layer.fan_in) @ weight
