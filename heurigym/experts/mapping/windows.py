"""Exact covering by CP-SAT: of whole small graphs, with bounds, and of windows of large ones.

The model has a variable for every gate (is it a LUT?) and for every stored cut of it (is it the LUT's cut?): a LUT
has exactly one cut, a cut needs its leaves to be LUTs, and the number of LUTs is least. For each gate and leaf the
cuts that need the leaf are counted in one constraint, which makes the relaxation strong.
"""

import importlib.metadata
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurigym.experts.mapping.structure import Cover, CutStore, Ints, Structure


@dataclass(frozen=True, slots=True)
class Exact:
    """What CP-SAT says of a cover restricted to the gates that may change.

    Attributes:
        choice: index of the cut of every gate.
        bound: proven least number of LUTs among the gates that may change.
        optimal: whether ``choice`` reaches it.
    """

    choice: Ints
    bound: int
    optimal: bool


def version() -> str:
    """The version of OR-Tools."""
    return f"ortools {importlib.metadata.version('ortools')}"


def solve_exactly(
    cover: Cover, store: CutStore, free: NDArray[np.bool_], seconds: float, seed: int, choice: Ints
) -> Exact | None:
    """The best cuts for the free gates while all others stay as they are; ``None`` if none was found in time.

    Args:
        cover: the cover to improve.
        store: the cuts that may be used; it must hold those of ``choice``.
        free: which gates may change; others keep their cut and stay LUTs or not.
        seconds: time limit.
        seed: random seed.
        choice: index in ``store`` of each gate's present cut, the first guess.

    Raises:
        ImportError: OR-Tools is missing.
    """
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise ImportError("exact covering needs OR-Tools: install heurigym[experts]") from error
    structure = cover.structure
    first = structure.first
    used = cover.uses > 0
    model = cp_model.CpModel()
    gates = [int(gate) for gate in np.flatnonzero(free)]
    is_lut = {gate: model.new_bool_var("") for gate in gates}
    taken: dict[int, list[tuple[int, cp_model.IntVar]]] = {}
    for gate in gates:
        options: list[tuple[int, cp_model.IntVar]] = []
        readers: dict[int, list[cp_model.IntVar]] = {}
        for index in range(int(store.counts[gate])):
            leaves = store.leaves[gate, index, : store.sizes[gate, index]].tolist()
            if any(leaf >= first and not free[leaf] and not used[leaf] for leaf in leaves):
                continue
            variable = model.new_bool_var("")
            options.append((index, variable))
            for leaf in leaves:
                if leaf in is_lut:
                    readers.setdefault(leaf, []).append(variable)
            model.add_hint(variable, bool(used[gate] and index == choice[gate]))
        model.add(sum(variable for _, variable in options) == is_lut[gate])
        for leaf, variables in readers.items():
            model.add(sum(variables) <= is_lut[leaf])
        model.add_hint(is_lut[gate], bool(used[gate]))
        taken[gate] = options
    for gate in _fixed(cover, free, gates):
        model.add(is_lut[gate] == 1)
    model.minimize(sum(is_lut.values()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    result = choice.copy()
    for gate, options in taken.items():
        for index, variable in options:
            if solver.boolean_value(variable):
                result[gate] = index
    return Exact(result, round(solver.best_objective_bound), status == cp_model.OPTIMAL)


def _fixed(cover: Cover, free: NDArray[np.bool_], gates: list[int]) -> set[int]:
    """The free gates that must be LUTs: outputs and what LUTs outside use."""
    structure = cover.structure
    needed = {int(output) for output in structure.outputs if free[output]}
    leaves, sizes = cover.chosen()
    outside = np.flatnonzero((cover.uses > 0) & ~free)
    for root in outside[outside >= structure.first].tolist():
        needed.update(leaf for leaf in leaves[root, : sizes[root]].tolist() if free[leaf])
    return needed & set(gates)


def window(structure: Structure, center: int, size: int) -> NDArray[np.bool_]:
    """About ``size`` gates around ``center``: those that a search along wires in both directions meets first."""
    readers = _readers(structure)
    free = np.zeros(structure.nodes, bool)
    free[center] = True
    queue, count = deque([center]), 1
    while queue and count < size:
        node = queue.popleft()
        near = [*structure.fanins[node].tolist(), *readers[node][:16]]
        for other in near:
            if other >= structure.first and not free[other]:
                free[other] = True
                count += 1
                queue.append(other)
    return free


def _readers(structure: Structure) -> list[list[int]]:
    readers: list[list[int]] = [[] for _ in range(structure.nodes)]
    for gate in range(structure.first, structure.nodes):
        left, right = structure.fanins[gate].tolist()
        readers[left].append(gate)
        readers[right].append(gate)
    return readers
