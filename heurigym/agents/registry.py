"""From a strategy's name to the strategy; other packages add theirs by the entry point ``heurigym.strategies``."""

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from heurigym.agents.strategy import Strategy, StrategyFactory
from heurigym.errors import InputError

ENTRY_POINTS = "heurigym.strategies"
"""Group of entry points; each names a function from options to a strategy."""

_BUILT_IN = {
    "best_of_n": "heurigym.agents.best_of_n:make_best_of_n",
    "evolve": "heurigym.agents.evolve:make_evolve",
    "refine": "heurigym.agents.refine:make_refine",
    "tools": "heurigym.agents.tools:make_tools",
}


def open_strategy(name: str, options: Mapping[str, Any]) -> Strategy:
    """The strategy called ``name``.

    Raises:
        InputError: there is none, or it does not take ``options``.
    """
    return _factory(name)(options)


def strategy_names() -> list[str]:
    """The names of all strategies."""
    return sorted({*_BUILT_IN, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def _factory(name: str) -> StrategyFactory:
    if name in _BUILT_IN:
        module, _, function = _BUILT_IN[name].partition(":")
        factory: StrategyFactory = getattr(importlib.import_module(module), function)
        return factory
    for point in entry_points(group=ENTRY_POINTS, name=name):
        loaded: StrategyFactory = point.load()
        return loaded
    raise InputError(f"unknown strategy {name!r}; known: {', '.join(strategy_names())}")
