"""Exact covering of small graphs by HiGHS, whose relaxation often proves the optimum or a good bound.

The model is that of :mod:`heurigym.experts.mapping.windows`, over every gate of the graph.
"""

import contextlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

import numpy as np

from heurigym.experts.mapping.structure import Cover


def version() -> str:
    """The version of HiGHS."""
    return f"highspy {importlib.metadata.version('highspy')}"


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Nothing on standard output: HiGHS names itself there when it is made, before it can be told not to."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


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
    """The best cover by the stored cuts that HiGHS finds from ``cover``, and a bound for covers by stored cuts.

    Raises:
        ImportError: highspy is missing.
    """
    try:
        import highspy
    except ImportError as error:
        raise ImportError("exact covering needs highspy: install heurigym[experts]") from error
    structure, store = cover.structure, cover.store
    first, gates = structure.first, structure.nodes - structure.first
    outputs = set(structure.outputs.tolist())
    used = (cover.uses[first:] > 0).astype(float).tolist()
    lower = [1.0 if gate in outputs else 0.0 for gate in range(first, structure.nodes)]
    guess = list(used)
    rows = _Rows()
    option_of: list[tuple[int, int]] = []
    for gate in range(first, structure.nodes):
        options: list[int] = []
        readers: dict[int, list[int]] = {}
        for index in range(int(store.counts[gate])):
            column = gates + len(option_of)
            option_of.append((gate, index))
            options.append(column)
            guess.append(used[gate - first] if cover.choice[gate] == index else 0.0)
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
    with _silenced():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", seed)
    solver.passModel(program)
    start = highspy.HighsSolution()
    start.col_value = guess
    solver.setSolution(start)
    solver.run()
    bound = solver.getInfo().mip_dual_bound
    values = np.array(solver.getSolution().col_value)
    choice = cover.choice.copy()
    if len(values) == total:
        for position in np.flatnonzero(values[gates:] > 0.5).tolist():
            gate, index = option_of[position]
            choice[gate] = index
    found = Cover(structure, store, choice)
    least = max(0, ceil(bound - 1e-6)) if np.isfinite(bound) else 0
    return (found if found.area <= cover.area else cover), least
