"""Combinational circuits as data-flow graphs of the problem."""

from typing import Any

from heurigym.experts.mapping.aig import Aig
from heurigym.experts.scheduling.graph import Graph


def circuit_content(name: str, aig: Aig) -> dict[str, Any]:
    """The content of an instance: an and-inverter graph whose inputs are nodes too, each node one step and one bit.

    The deadline is the longest path.
    """
    nodes = aig.inputs + len(aig.gates)
    edges = sorted({
        ((literal >> 1) - 1, aig.inputs + gate) for gate, pair in enumerate(aig.gates.tolist()) for literal in pair
    })  # fmt: skip
    outputs = sorted({(literal >> 1) - 1 for literal in aig.outputs.tolist() if literal > 1})
    return {
        "name": name,
        "deadline": Graph.of([1] * nodes, edges).critical_path,
        "nodes": [[str(node), 1, 1] for node in range(nodes)],
        "edges": [[str(source), str(target)] for source, target in edges],
        "outputs": [str(node) for node in outputs],
    }
