"""Imports that every program is likely to need, done once per server."""

import contextlib
import ctypes
import gc
import importlib
import importlib.metadata
from pathlib import Path

from guest import linux

_MODULES = (
    "numpy",
    "scipy",
    "networkx",
    "pandas",
    "numpy.random",
    "scipy.optimize",
    "scipy.sparse.csgraph",
    "scipy.spatial",
    "concurrent.futures",
    "dataclasses",
    "heapq",
    "itertools",
    "json",
    "multiprocessing",
    "queue",
    "random",
    "statistics",
    "subprocess",
    "threading",
    "traceback",
    "typing",
)
_DISTRIBUTIONS = ("networkx", "numpy", "pandas", "scipy")
_BLAS_SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)


def preload() -> dict[str, str]:
    """Import the guest's packages, and return their versions. Those that are not installed are left out."""
    for module in _MODULES:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()
    _use_huge_pages()
    versions = {}
    for name in _DISTRIBUTIONS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def _use_huge_pages() -> None:
    """Move this process's own memory into huge pages where the kernel can, which makes every later fork cheaper."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, mode, *_, name = [*line.split(maxsplit=5), ""][:6]
        if mode == "rw-p" and name in ("", "[heap]"):
            start, end = (int(bound, 16) for bound in span.split("-"))
            linux.collapse(start, end)


def blas_thread_setters() -> list["ctypes._NamedFuncPointer"]:
    """The functions that set the number of threads of each BLAS library that is loaded.

    The variables of the environment are read when a library is loaded, so they come too late after a fork.
    """
    libraries = {
        line.split(maxsplit=5)[5].rstrip("\n")
        for line in Path("/proc/self/maps").read_text().splitlines()
        if "openblas" in line and line.count("/")
    }
    setters = []
    for library in sorted(libraries):
        loaded = ctypes.CDLL(library)
        for name in _BLAS_SETTERS:
            if hasattr(loaded, name):
                setters.append(getattr(loaded, name))
                break
    return setters
