"""Equality saturation with egglog, and its e-graphs in the format of instances."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Node = tuple[str, int, tuple[int, ...]]
"""Operation, class, and classes of the children."""


@dataclass(frozen=True)
class Family:
    """Programs of one kind and the rules that rewrite them.

    Attributes:
        rules: an egglog program that declares the language and its rewrite rules.
        roots: the terms to be rewritten; all of them are asked for.
        cost: cost of a node, from its operation (with the literals among its arguments, as in ``Shl 3``) and
            the operations in its class.
    """

    rules: str
    roots: Sequence[str]
    cost: Callable[[str, Sequence[str]], float]


def saturated(family: Family, smallest: int, largest: int, rounds: int = 40) -> tuple[list[Node], list[int]]:
    """Nodes and root classes after as many rounds of rewriting as keep the e-graph within ``largest`` nodes.

    Raises:
        ValueError: it has fewer than ``smallest`` nodes by then.
        ImportError: egglog is missing; the message says how to get it.
    """
    try:
        from egglog.bindings import EGraph
    except ImportError:
        raise ImportError(
            "making e-graphs needs egglog; install it with: pip install 'heurigym[experts]'"
        ) from None
    lets = "\n".join(f"(let $root{number} {term})" for number, term in enumerate(family.roots))
    egraph = EGraph()
    egraph.run_program(*egraph.parse_program(f"{family.rules}\n{lets}"))
    found = _snapshot(egraph)
    for _ in range(rounds):
        egraph.run_program(*egraph.parse_program("(run 1)"))
        grown = _snapshot(egraph)
        if len(grown[0]) > largest or len(grown[0]) == len(found[0]):
            break
        found = grown
    if len(found[0]) < smallest:
        raise ValueError(f"{len(found[0])} nodes, fewer than {smallest}")
    return found


def to_instance(
    family: Family, nodes: Sequence[Node], roots: Sequence[int], source: random.Random
) -> dict[str, Any]:
    """The e-graph in the format of instances, its classes and nodes in random order."""
    members: dict[int, list[int]] = {}
    for index, (_, owner, _) in enumerate(nodes):
        members.setdefault(owner, []).append(index)
    classes = list(members)
    source.shuffle(classes)
    class_name = {owner: str(number) for number, owner in enumerate(classes)}
    name: dict[int, str] = {}
    for owner in classes:
        source.shuffle(members[owner])
        for number, index in enumerate(members[owner]):
            name[index] = f"{class_name[owner]}.{number}"
    order = list(range(len(nodes)))
    source.shuffle(order)
    content = {}
    for index in order:
        operation, owner, children = nodes[index]
        cost = family.cost(operation, [nodes[other][0] for other in members[owner]])
        content[name[index]] = {
            "op": operation,
            "cost": int(cost) if cost == int(cost) else cost,
            "eclass": class_name[owner],
            "children": [name[source.choice(members[child])] for child in children],
        }
    return {"nodes": content, "root_eclasses": [class_name[root] for root in roots]}


def _snapshot(egraph: Any) -> tuple[list[Node], list[int]]:
    """The nodes that the roots reach, literals folded into the operations that have them as arguments."""
    content = json.loads(
        egraph.serialize(
            [], max_functions=None, max_calls_per_function=None, include_temporary_functions=False
        ).to_json()
    )
    nodes, data = content["nodes"], content["class_data"]
    literal = {key: node["op"] for key, node in nodes.items() if key.startswith("primitive-")}
    members: dict[str, list[str]] = {}
    for key, node in nodes.items():
        if key not in literal:
            members.setdefault(node["eclass"], []).append(key)
    lets = {name: owner for owner, facts in data.items() for name in facts.get("let", "").split(", ") if name}
    roots = list(dict.fromkeys(lets[f"$root{number}"] for number in range(len(lets))))
    number = {owner: index for index, owner in enumerate(roots)}
    result: list[Node] = []
    for owner in (queue := list(roots)):
        for key in members[owner]:
            children = nodes[key]["children"]
            operation = " ".join(
                [nodes[key]["op"], *(literal[child].strip('"') for child in children if child in literal)]
            )
            below = []
            for child in children:
                if child not in literal:
                    target = nodes[child]["eclass"]
                    if target not in number:
                        number[target] = len(number)
                        queue.append(target)
                    below.append(number[target])
            result.append((operation, number[owner], tuple(below)))
    return sorted(set(result), key=lambda node: (node[1], node[0], node[2])), list(range(len(roots)))
