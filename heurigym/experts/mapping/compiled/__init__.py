"""The inner loops, compiled by numba, which the extra ``experts`` brings."""

try:
    import numba  # noqa: F401
except ImportError as error:
    raise ImportError("the mapping expert needs numba: install heurigym[experts]") from error
