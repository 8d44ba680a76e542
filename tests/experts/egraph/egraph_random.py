"""Small random e-graphs, and their optimum by trying everything."""

import itertools
import json
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from heurigym.experts.egraph.graph import EGraph, from_json


@st.composite
def egraphs(draw: st.DrawFn, negative: bool = False) -> EGraph:
    """Up to six classes of up to three nodes, cyclic or not, of which something can be extracted."""
    classes = draw(st.integers(1, 6))
    costs = [0, 1, 2, 3, 5, 0.1, 0.25] + ([-1, -2, -0.5] if negative else [])
    nodes = {}
    for owner in range(classes):
        for number in range(draw(st.integers(1, 3))):
            # The first node of a class has children of higher number alone, so that the roots can be extracted.
            lowest = owner + 1 if number == 0 else 0
            choices = st.integers(lowest, classes - 1) if lowest < classes else st.nothing()
            below = draw(st.lists(choices, max_size=3)) if lowest < classes else []
            nodes[f"{owner}.{number}"] = {
                "op": "f",
                "cost": draw(st.sampled_from(costs)),
                "eclass": str(owner),
                "children": [f"{child}.0" for child in below],
            }
    roots = draw(st.lists(st.integers(0, classes - 1), min_size=1, max_size=2))
    text = json.dumps({"nodes": nodes, "root_eclasses": [str(root) for root in roots]})
    return from_json(json.loads(text, parse_float=Decimal))


def optimum(graph: EGraph) -> Fraction:
    """The least cost over all choices of a node for each class."""
    ranges = [range(graph.first[own], graph.first[own + 1]) for own in range(graph.class_count)]
    best = None
    for nodes in itertools.product(*ranges):
        cost = _cost(graph, nodes)
        if cost is not None and (best is None or cost < best):
            best = cost
    assert best is not None
    return best


def _cost(graph: EGraph, nodes: tuple[int, ...]) -> Fraction | None:
    state: dict[int, bool] = {}

    def visit(current: int) -> bool:
        if current in state:
            return state[current]
        state[current] = False
        if not all(visit(child) for child in graph.children_of(nodes[current]).tolist()):
            return False
        state[current] = True
        return True

    if not all(visit(root) for root in graph.roots.tolist()):
        return None
    return sum((graph.costs[nodes[current]] for current in state), Fraction(0))
