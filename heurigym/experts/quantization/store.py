"""Trained weights as they ship beside this module: measuring and evaluating need no training."""

from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from heurigym.errors import InputError
from heurigym.experts.quantization.networks import network
from heurigym.experts.quantization.training import Trained

FOLDER = Path(__file__).parent / "trained"


def save(trained: Trained, folder: Path = FOLDER) -> Path:
    """Write weights and biases, in single precision, to ``NETWORK.npz``.

    Args:
        trained: the network.
        folder: where to write.

    Returns:
        The file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{trained.network.name}.npz"
    arrays: dict[str, Any] = {}
    for layer, weight, bias in zip(trained.network.layers, trained.weights, trained.biases, strict=True):
        arrays[f"{layer.name}.weight"] = np.asarray(weight, dtype=np.float32)
        arrays[f"{layer.name}.bias"] = np.asarray(bias, dtype=np.float32)
    np.savez_compressed(path, **arrays)
    return path


@cache
def load(name: str) -> Trained:
    """The trained network that ships, in double precision.

    Args:
        name: the network's name.

    Raises:
        InputError: there is no such network, or its weights were never stored.
    """
    architecture = network(name)
    path = FOLDER / f"{name}.npz"
    if not path.is_file():
        raise InputError(
            f"{path.name}: no trained weights; run: python -m heurigym.experts.quantization train {name}"
        )
    with np.load(path, allow_pickle=False) as arrays, jax.enable_x64(True):
        weights = [jnp.asarray(arrays[f"{layer.name}.weight"], dtype=jnp.float64) for layer in architecture.layers]
        biases = [jnp.asarray(arrays[f"{layer.name}.bias"], dtype=jnp.float64) for layer in architecture.layers]
    return Trained(architecture, weights, biases)
