"""Choosing a sandbox by name."""

import importlib
from collections.abc import Callable
from typing import Final

from heurigym.errors import InputError
from heurigym.execution.sandbox import Sandbox


def _bubblewrap(warm: bool) -> Sandbox:
    from heurigym.execution.bubblewrap import BubblewrapSandbox

    return BubblewrapSandbox(warm=warm)


def _docker(warm: bool) -> Sandbox:
    try:
        module = importlib.import_module("heurigym.execution.docker")
    except ImportError as error:
        raise InputError(f"--sandbox docker: {error}; run: pip install 'heurigym[docker]'") from None
    sandbox: Sandbox = module.DockerSandbox(warm=warm)
    return sandbox


def _none(warm: bool) -> Sandbox:
    from heurigym.execution.unisolated import UnisolatedSandbox

    return UnisolatedSandbox(warm=warm)


BACKENDS: Final[dict[str, Callable[[bool], Sandbox]]] = {
    "bubblewrap": _bubblewrap,
    "docker": _docker,
    "none": _none,
}
AUTOMATIC: Final = ("bubblewrap", "docker")


def open_sandbox(name: str = "auto", *, warm: bool = True) -> Sandbox:
    """The sandbox ``name``, ready to run programs. ``describe()`` says which one it is.

    Args:
        name: ``bubblewrap``, ``docker``, ``none`` (no isolation at all), or ``auto`` for the first of the isolating
            ones that works here.
        warm: keep preloaded servers between executions. The outcomes are the same without, only later.

    Raises:
        InputError: there is no such sandbox, or it does not work here; the message names the fix.
    """
    if name != "auto":
        if name not in BACKENDS:
            raise InputError(f"--sandbox {name}: there is no such sandbox; choose auto or {', '.join(BACKENDS)}")
        return BACKENDS[name](warm)
    reasons = []
    for candidate in AUTOMATIC:
        try:
            return BACKENDS[candidate](warm)
        except InputError as error:
            reasons.append(f"{candidate}: {error}")
    raise InputError(f"no sandbox works here ({'; '.join(reasons)})")
