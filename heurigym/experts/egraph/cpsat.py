"""Exact extraction by OR-Tools CP-SAT."""

import time
from collections.abc import Callable

import numpy as np
from ortools.sat.python import cp_model

from heurigym.experts import timed_cpsat
from heurigym.experts.egraph.answers import Answer
from heurigym.experts.egraph.graph import EGraph, Ints
from heurigym.experts.egraph.model import Model, choice_from

_OBJECTIVE_BITS = 46
"""Costs are scaled so that no sum exceeds 2 to this; where that rounds, it rounds down, and bounds stay valid."""


def solve(
    graph: EGraph,
    seconds: float,
    hint: Ints | None = None,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """The cheapest extraction that CP-SAT finds in ``seconds`` of ``clock``, from ``hint`` on."""
    deadline = clock() + seconds
    model = Model(graph)
    costs, scale = graph.scaled_costs(_OBJECTIVE_BITS)
    program = cp_model.CpModel()
    node = [program.new_bool_var("") for _ in range(graph.node_count)]
    needed = [program.new_bool_var("") for _ in range(graph.class_count)]
    first = graph.first.tolist()
    for owner in range(graph.class_count):
        members = node[first[owner] : first[owner + 1]]
        if model.is_root[owner]:
            program.add(needed[owner] == 1)
            program.add_exactly_one(members)
        else:
            program.add_exactly_one([*members, ~needed[owner]])
    by_pair: list[list[int]] = [[] for _ in model.pair_class]
    for entry, row in zip(graph.edge_node.tolist(), model.edge_row.tolist(), strict=True):
        by_pair[row].append(entry)
    for own, child in zip(by_pair, model.pair_child.tolist(), strict=True):
        # At most one of them is chosen, so this says that each implies the child, and says it once.
        program.add_at_most_one([*(node[entry] for entry in own), ~needed[child]])
    level = {
        int(owner): program.new_int_var(0, int(model.levels[owner]) - 1, "")
        for owner in np.flatnonzero(model.component >= 0)
    }
    for row in model.cyclic_pairs.tolist():
        parent, child = int(model.pair_class[row]), int(model.pair_child[row])
        for entry in by_pair[row]:
            program.add(level[child] >= level[parent] + 1).only_enforce_if(node[entry])
    if graph.has_negative_costs:
        start, users = graph.users
        for owner in np.flatnonzero(~model.is_root).tolist():
            program.add_bool_or([*(node[user] for user in users[start[owner] : start[owner + 1]]), ~needed[owner]])
    program.minimize(sum(int(cost) * variable for cost, variable in zip(costs, node, strict=True) if cost))
    if hint is not None:
        _add_hint(program, model, node, needed, level, hint)
    solver, status = timed_cpsat.solve(program, deadline, seed, clock)
    bound = float(solver.best_objective_bound / scale)
    if not timed_cpsat.has_values(status):
        return Answer(None, bound, False)
    chosen = np.array([solver.boolean_value(variable) for variable in node], dtype=bool)
    return Answer(choice_from(graph, chosen), bound, status == cp_model.OPTIMAL)


def _add_hint(
    program: cp_model.CpModel,
    model: Model,
    node: list[cp_model.IntVar],
    needed: list[cp_model.IntVar],
    level: dict[int, cp_model.IntVar],
    hint: Ints,
) -> None:
    wanted = set(model.graph.needed(hint))
    chosen = {int(hint[owner]) for owner in wanted}
    levels = model.levels_of(hint)
    for index, variable in enumerate(node):
        program.add_hint(variable, index in chosen)
    for owner, variable in enumerate(needed):
        program.add_hint(variable, owner in wanted)
    for owner, variable in level.items():
        program.add_hint(variable, int(levels[owner]))
