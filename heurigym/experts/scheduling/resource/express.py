"""Graphs of operations in the format of ``operator_scheduling``, as instances of resource scheduling."""

from collections.abc import Mapping
from typing import Any

from heurigym.experts.scheduling.graph import Graph

MULTIPLIES = {"MUL", "DIV"}
"""Operations of a multiplier."""
_DELAY = {"mul": 2, "alu": 1}


def two_types(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an instance: multipliers (delay 2) and arithmetic-logic units (delay 1) of the same weight.

    Units are not pipelined, and the deadline is the longest path. With these the optima of the EXPRESS kernels
    have been published.

    Raises:
        ValueError, KeyError, TypeError: it is no such graph.
    """
    kinds = {str(node): "mul" if str(kind).upper() in MULTIPLIES else "alu" for node, kind in content["nodes"]}
    index = {node: place for place, node in enumerate(kinds)}
    edges = [(index[str(edge[0])], index[str(edge[1])]) for edge in content["edges"]]
    return {
        "name": str(content.get("name", "")),
        "deadline": Graph.of([_DELAY[kind] for kind in kinds.values()], edges).critical_path,
        "delay": _DELAY,
        "occupancy": _DELAY,
        "weight": {"mul": 1, "alu": 1},
        "nodes": [[node, kind] for node, kind in kinds.items()],
        "edges": [[str(edge[0]), str(edge[1])] for edge in content["edges"]],
    }
