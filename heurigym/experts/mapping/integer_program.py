"""Exact covering of small graphs by HiGHS, whose relaxation often proves the optimum or a good bound.

The model is that of :mod:`heurigym.experts.mapping.windows`, over every gate of the graph.
"""

import importlib.metadata
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from heurigym.experts.mapping.structure import Cover


def version() -> str:
    """The version of HiGHS."""
    return f"highspy {importlib.metadata.version('highspy')}"


@dataclass(slots=True)
class _Rows:
    """Rows of a sparse matrix with entries 1, and -1 in a last column of each row."""

    start: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)

    def add(self, plus: list[int], minus: int, lower: float) -> None:
        """The row ``lower <= sum(plus) - minus <= 0``."""
        self.columns += [*plus, minus]
        self.values += [1.0] * len(plus) + [-1.0]
        self.start.append(len(self.columns))
        self.lower.append(lower)


def solve_by_highs(cover: Cover, seconds: float, seed: int) -> tuple[Cover, int]:
    """The better of ``cover`` and the best cover by the stored cuts that HiGHS finds, and a bound for such covers.

    Raises:
        ImportError: highspy is missing.
    """
    try:
        import highspy

        from heurigym.experts.quiet_highs import has_solution, proven, quiet_highs
    except ImportError as error:
        raise ImportError("exact covering needs highspy: install heurigym[experts]") from error
    structure, store = cover.structure, cover.store
    first, gates = structure.first, structure.nodes - structure.first
    outputs = set(structure.outputs.tolist())
    lower = [1.0 if gate in outputs else 0.0 for gate in range(first, structure.nodes)]
    rows = _Rows()
    option_of: list[tuple[int, int]] = []
    for gate in range(first, structure.nodes):
        options: list[int] = []
        readers: dict[int, list[int]] = {}
        for index in range(int(store.counts[gate])):
            column = gates + len(option_of)
            option_of.append((gate, index))
            options.append(column)
            for leaf in store.leaves[gate, index, : store.sizes[gate, index]].tolist():
                if leaf >= first:
                    readers.setdefault(leaf, []).append(column)
        rows.add(options, gate - first, 0.0)
        for leaf, columns in readers.items():
            rows.add(columns, leaf - first, -np.inf)
    total = gates + len(option_of)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = total, len(rows.lower)
    program.col_cost_ = np.array([1.0] * gates + [0.0] * len(option_of))
    program.col_lower_ = np.array(lower + [0.0] * len(option_of))
    program.col_upper_ = np.ones(total)
    program.row_lower_ = np.array(rows.lower)
    program.row_upper_ = np.zeros(len(rows.lower))
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.array(rows.start, np.int32)
    program.a_matrix_.index_ = np.array(rows.columns, np.int32)
    program.a_matrix_.value_ = np.array(rows.values)
    program.integrality_ = [highspy.HighsVarType.kInteger] * total
    solver = quiet_highs(seed)
    solver.setOptionValue("time_limit", seconds)
    solver.passModel(program)
    solver.run()
    found = cover
    if has_solution(solver):
        choice = cover.choice.copy()
        for position in np.flatnonzero(np.array(solver.getSolution().col_value)[gates:] > 0.5).tolist():
            gate, index = option_of[position]
            choice[gate] = index
        found = Cover(structure, store, choice)
    bound = proven(solver, float(found.area) if found is not cover else None)
    least = max(0, ceil(bound - 1e-6)) if np.isfinite(bound) else 0
    best = found if found.area <= cover.area else cover
    return best, least if least <= best.area else 0
