"""Adam, the one optimiser used here."""

from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

Tree = TypeVar("Tree")


def start(parameters: Tree) -> tuple[Tree, Any, Any]:
    """Parameters with both moments of their gradients at zero."""
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return parameters, zeros, zeros


def step(
    state: tuple[Tree, Any, Any], gradient: Any, count: ArrayLike, rate: ArrayLike, decay: float = 0.0
) -> tuple[Tree, Any, Any]:
    """One step (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019).

    Args:
        state: parameters and moments.
        gradient: shaped as the parameters.
        count: number of this step, from 1.
        rate: step size.
        decay: share of a parameter, times the step size, by which it shrinks.
    """
    parameters, first, second = state
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)

    def moved(parameter: Array, m: Array, v: Array) -> Array:
        direction = (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)
        return parameter - rate * direction - rate * decay * parameter

    return jax.tree.map(moved, parameters, first, second), first, second
