"""Nodes that no best extraction needs: what cannot be extracted, what no root reaches, and what is dominated.

The rules are those of e-boost (2025) and of the extraction-gym's solvers, with one more condition: a node with
more children dominates nothing and is dominated by nothing where a cost is negative, because there a child may pay.
"""

import math

import numpy as np

from heurigym.experts.egraph.graph import UNCHOSEN, EGraph, Ints, Mask


def everything(graph: EGraph) -> Mask:
    """All nodes."""
    return np.ones(graph.node_count, dtype=bool)


def useful_nodes(graph: EGraph, allowed: Mask | None = None) -> Mask:
    """The nodes among ``allowed`` that a best extraction made of such nodes may have to choose from.

    Raises:
        ValueError: the roots cannot be extracted from the allowed nodes.
    """
    mask = everything(graph) if allowed is None else allowed.copy()
    own_child = graph.edge_node[graph.children == graph.class_of[graph.edge_node]]
    mask[own_child] = False
    mask = _extractable(graph, mask)
    mask = _reachable(graph, mask)
    if not graph.has_negative_costs:
        mask = _undominated(graph, mask)
        mask = _reachable(graph, mask)
    return mask


def _extractable(graph: EGraph, mask: Mask) -> Mask:
    """The nodes of which a finite program can be made."""
    start, users = graph.users
    missing = np.diff(graph.child_start).tolist()
    usable = mask.tolist()
    class_of = graph.class_of.tolist()
    done = [False] * graph.class_count
    users_of = users.tolist()
    starts = start.tolist()
    ready = [node for node in range(graph.node_count) if usable[node] and not missing[node]]
    for node in ready:
        owner = class_of[node]
        if done[owner]:
            continue
        done[owner] = True
        for user in users_of[starts[owner] : starts[owner + 1]]:
            missing[user] -= 1
            if not missing[user] and usable[user]:
                ready.append(user)
    if not all(done[root] for root in graph.roots.tolist()):
        raise ValueError("the roots of the e-graph cannot be extracted: every choice has a cycle")
    result = np.zeros(graph.node_count, dtype=bool)
    result[ready] = True
    return result


def _reachable(graph: EGraph, mask: Mask) -> Mask:
    seen = np.zeros(graph.class_count, dtype=bool)
    seen[graph.roots] = True
    order = graph.roots.tolist()
    usable = mask.tolist()
    first, child_start, children = graph.first.tolist(), graph.child_start.tolist(), graph.children.tolist()
    for current in order:
        for node in range(first[current], first[current + 1]):
            if usable[node]:
                for child in children[child_start[node] : child_start[node + 1]]:
                    if not seen[child]:
                        seen[child] = True
                        order.append(child)
    return np.asarray(mask & seen[graph.class_of], dtype=bool)


def _undominated(graph: EGraph, mask: Mask) -> Mask:
    """Without the nodes beside which one of the same class costs no more and has no child that they lack."""
    result = mask.copy()
    first, child_start, children = graph.first.tolist(), graph.child_start.tolist(), graph.children.tolist()
    usable = mask.tolist()
    # Over one denominator the costs are integers, which compare much faster than fractions.
    scale = math.lcm(*{cost.denominator for cost in graph.costs})
    price = [cost.numerator * (scale // cost.denominator) for cost in graph.costs]
    for owner in range(graph.class_count):
        members = [node for node in range(first[owner], first[owner + 1]) if usable[node]]
        if len(members) < 2:
            continue
        members.sort(key=lambda node: (child_start[node + 1] - child_start[node], price[node], node))
        kept: list[tuple[int, frozenset[int]]] = []
        by_child: dict[int, list[int]] = {}
        for node in members:
            own = frozenset(children[child_start[node] : child_start[node + 1]])
            # A dominating set is empty or shares each of its members with the node, so it is found by one.
            rivals = [index for child in own for index in by_child.get(child, ())]
            rivals += by_child.get(-1, [])
            if any(price[kept[index][0]] <= price[node] and kept[index][1] <= own for index in rivals):
                result[node] = False
                continue
            by_child.setdefault(min(own, default=-1), []).append(len(kept))
            kept.append((node, own))
    return result


def closed(graph: EGraph, mask: Mask) -> Mask:
    """The nodes of ``mask`` without those that have a child class none of whose nodes is left."""
    mask = mask.copy()
    while True:
        filled = np.zeros(graph.class_count, dtype=bool)
        filled[graph.class_of[mask]] = True
        lacking = mask[graph.edge_node] & ~filled[graph.children]
        if not lacking.any():
            return mask
        mask[graph.edge_node[lacking]] = False


def reduced(graph: EGraph, mask: Mask | None = None) -> tuple[EGraph, Ints]:
    """The e-graph of the useful nodes among ``mask``, and the index of each in ``graph``.

    Raises:
        ValueError: the roots cannot be extracted from these nodes.
    """
    part, nodes = (graph, np.arange(graph.node_count)) if mask is None else restricted(graph, closed(graph, mask))
    small, kept = restricted(part, useful_nodes(part))
    return small, nodes[kept]


def extend_choice(graph: EGraph, nodes: Ints, choice: Ints) -> Ints:
    """A choice for the e-graph that has only ``nodes`` of ``graph`` as one for ``graph``."""
    result = np.full(graph.class_count, UNCHOSEN, dtype=np.int64)
    chosen = nodes[choice[choice >= 0]]
    result[graph.class_of[chosen]] = chosen
    return result


def restricted(graph: EGraph, mask: Mask) -> tuple[EGraph, Ints]:
    """The e-graph of the nodes in ``mask`` alone, which must be closed, and the index of each in ``graph``.

    Classes without such a node are left out; class numbers change.
    """
    nodes = np.flatnonzero(mask)
    classes = np.unique(graph.class_of[nodes])
    new_class = np.full(graph.class_count, -1, dtype=np.int64)
    new_class[classes] = np.arange(len(classes))
    first = np.zeros(len(classes) + 1, dtype=np.int64)
    np.cumsum(np.bincount(new_class[graph.class_of[nodes]], minlength=len(classes)), out=first[1:])
    child_start = np.zeros(len(nodes) + 1, dtype=np.int64)
    np.cumsum(np.diff(graph.child_start)[nodes], out=child_start[1:])
    children = new_class[graph.children[mask[graph.edge_node]]]
    if (children < 0).any():
        raise ValueError("a node of the mask has a child without one")
    return (
        EGraph(
            [graph.node_ids[node] for node in nodes.tolist()],
            [graph.costs[node] for node in nodes.tolist()],
            first,
            child_start,
            children,
            new_class[graph.roots],
        ),
        nodes,
    )
