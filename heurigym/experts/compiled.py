"""Loops over arrays, compiled by numba: a decorator that keeps their types."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """``function`` compiled on its first call, to run without the interpreter lock.

    The machine code is kept beside the source for the next process.
    """
    return cast(Function, numba.njit(cache=True, nogil=True)(function))
