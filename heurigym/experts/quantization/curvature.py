"""Second derivatives of a loss in the weights of each layer, without ever forming a Hessian."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

Loss: TypeAlias = Callable[[list[Array], Any], Array]
"""A scalar function of the layers' weights and of data.

The data are an argument, and not held by the function: the compiler would take them for constants and compute with
them for minutes."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Traces of a Hessian's diagonal blocks.

    Attributes:
        values: estimated trace of each layer's block.
        errors: standard error of each estimate.
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]


@partial(jax.jit, static_argnums=0)
def _product(loss: Loss, weights: list[Array], data: Any, direction: list[Array]) -> list[Array]:
    """The Hessian's product with a direction, by forward over reverse differentiation."""
    _, image = jax.jvp(lambda at: jax.grad(loss)(at, data), (weights,), (direction,))
    return list(image)


def estimate_traces(loss: Loss, weights: Sequence[Array], data: Any, probes: int, seed: int) -> Traces:
    """Traces of all diagonal blocks by Hutchinson's method (HAWQ-V2, section 3.2).

    A probe draws every weight of every layer from {-1, 1}; one Hessian product serves all layers: the blocks off
    the diagonal add to an estimate's variance, which the standard error shows, and nothing to its expectation.

    Args:
        loss: the loss.
        weights: where to differentiate.
        data: passed to the loss.
        probes: number of probes, at least 2.
        seed: of the probes.
    """
    generator = np.random.default_rng(seed)
    samples = np.empty((probes, len(weights)))
    for probe in range(probes):
        direction = [jnp.asarray(generator.choice((-1.0, 1.0), weight.shape)) for weight in weights]
        image = _product(loss, list(weights), data, direction)
        samples[probe] = [float((d * h).sum()) for d, h in zip(direction, image, strict=True)]
    return Traces(samples.mean(0), samples.std(0, ddof=1) / np.sqrt(probes))


def top_eigenvalues(
    loss: Loss, weights: Sequence[Array], data: Any, seed: int, iterations: int = 10, tolerance: float = 0.03
) -> NDArray[np.float64]:
    """Eigenvalue of greatest magnitude of each diagonal block by power iteration (HAWQ, section 3.1).

    Args:
        loss: the loss.
        weights: where to differentiate.
        data: passed to the loss.
        seed: of the first directions.
        iterations: most Hessian products for a layer.
        tolerance: relative change between two iterations at which a layer is done.
    """
    generator = np.random.default_rng(seed)
    zeros = [jnp.zeros_like(weight) for weight in weights]
    values = np.zeros(len(weights))
    for index, weight in enumerate(weights):
        vector = jnp.asarray(generator.standard_normal(weight.shape))
        for _ in range(iterations):
            vector = vector / jnp.linalg.norm(vector)
            image = _product(loss, list(weights), data, [*zeros[:index], vector, *zeros[index + 1 :]])[index]
            before, values[index] = values[index], float((vector * image).sum())
            if not values[index] or abs(values[index] - before) <= tolerance * abs(values[index]):
                break
            vector = image
    return values


def exact_blocks(loss: Loss, weights: Sequence[Array], data: Any) -> list[NDArray[np.float64]]:
    """Each layer's diagonal block of the Hessian, formed in full: for networks of a few hundred weights."""
    hessian = jax.jit(jax.hessian(loss))(list(weights), data)
    return [
        np.asarray(hessian[index][index], dtype=np.float64).reshape(weight.size, weight.size)
        for index, weight in enumerate(weights)
    ]
