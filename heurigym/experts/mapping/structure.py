"""Covering a graph with lookup tables: the data that all steps of the structural expert share."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from heurigym.experts.mapping.aig import Aig
from heurigym.experts.mapping.compiled import cover as kernels
from heurigym.experts.mapping.compiled import cuts as cut_kernels
from heurigym.experts.mapping.compiled import flow as flow_kernels

FAR = 1 << 29
"""A depth without bound."""

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Structure:
    """A graph to cover.

    Attributes:
        first: number of the first gate; smaller numbers are inputs and the constant.
        fanins: fanins of every node, int32, shape (nodes, 2); those of inputs are not used.
        outputs: gates that are outputs, each once, int32.
        k: largest number of leaves of a LUT, 2 to 6.
    """

    first: int
    fanins: Ints
    outputs: Ints
    k: int

    @classmethod
    def of(cls, aig: Aig, k: int) -> Self:
        """The structure of an and-inverter graph."""
        fanins = np.zeros((aig.nodes, 2), np.int32)
        fanins[aig.first_gate :] = aig.gates >> 1
        outputs = np.unique(aig.outputs >> 1)
        return cls(aig.first_gate, fanins, outputs[outputs >= aig.first_gate].astype(np.int32), k)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.fanins)

    def fanouts(self) -> NDArray[np.float64]:
        """For each node the number of gates and outputs that read it, at least 1."""
        counts = np.bincount(self.fanins[self.first :].ravel(), minlength=self.nodes).astype(np.float64)
        counts[self.outputs] += 1
        return np.maximum(counts, 1.0)


class CutStore:
    """Up to ``limit`` cuts of every gate.

    Attributes:
        leaves: leaves of the cuts in ascending order, int32, shape (nodes, limit, 6).
        sizes: numbers of leaves, int8, shape (nodes, limit).
        counts: numbers of cuts, int32.
        complete: whether every cut that no other one dominates is there.
    """

    def __init__(self, nodes: int, limit: int) -> None:
        self.leaves: Ints = np.zeros((nodes, limit, 6), np.int32)
        self.sizes: NDArray[np.int8] = np.zeros((nodes, limit), np.int8)
        self.counts: Ints = np.zeros(nodes, np.int32)
        self.complete = False

    @property
    def limit(self) -> int:
        """Largest number of cuts of a gate."""
        return int(self.sizes.shape[1])


class Cover:
    """A cut store and the cut that each gate uses or would use.

    Attributes:
        structure: the graph.
        store: its cuts.
        choice: index of each gate's cut, int32.
        uses: how many LUTs and outputs use each node; a gate is a LUT exactly when it has uses.
        area: number of LUTs.
    """

    def __init__(self, structure: Structure, store: CutStore, choice: Ints) -> None:
        self.structure = structure
        self.store = store
        self.choice = choice
        self.uses: Ints = np.zeros(structure.nodes, np.int32)
        self.area = self.recount()

    def recount(self) -> int:
        """Count uses and area again, after ``choice`` was changed."""
        store, structure = self.store, self.structure
        self.area = int(
            kernels.count_uses(
                structure.first, structure.outputs, store.leaves, store.sizes, self.choice, self.uses
            )
        )
        return self.area

    def arrival(self) -> Ints:
        """Depth of every gate."""
        arrival: Ints = np.zeros(self.structure.nodes, np.int32)
        kernels.measure_depth(self.structure.first, self.store.leaves, self.store.sizes, self.choice, arrival)
        return arrival

    def required(self, bound: int) -> Ints:
        """Largest depth that every LUT may have for all outputs to be within ``bound``; ``FAR`` for other gates."""
        required: Ints = np.full(self.structure.nodes, FAR, np.int32)
        kernels.measure_required(
            self.structure.first,
            self.structure.outputs,
            bound,
            self.store.leaves,
            self.store.sizes,
            self.choice,
            self.uses,
            required,
        )
        return required

    def depth(self) -> int:
        """Depth of the deepest output."""
        return int(self.arrival()[self.structure.outputs].max(initial=0))

    def chosen(self) -> tuple[Ints, NDArray[np.int8]]:
        """Leaves and size of each gate's cut: shapes (nodes, 6) and (nodes,)."""
        rows = np.arange(self.structure.nodes)
        return self.store.leaves[rows, self.choice].copy(), self.store.sizes[rows, self.choice].copy()

    def luts(self) -> dict[int, tuple[int, ...]]:
        """The leaves of every LUT by its root."""
        leaves, sizes = self.chosen()
        roots = np.flatnonzero(self.uses[self.structure.first :]) + self.structure.first
        return {int(root): tuple(leaves[root, : sizes[root]].tolist()) for root in roots}


def enumerate_cuts(
    structure: Structure,
    limit: int,
    references: NDArray[np.float64],
    *,
    required: Ints | None = None,
    keep: Cover | None = None,
) -> tuple[CutStore, Ints, NDArray[np.float64]]:
    """The best ``limit`` cuts of every gate, best first, with depth and area flow of every gate.

    Args:
        structure: the graph.
        limit: largest number of cuts of a gate.
        references: estimated number of LUTs that use each node, at least 1.
        required: largest useful depth of every node.
        keep: a cover whose cuts must be among them.
    """
    store = CutStore(structure.nodes, limit)
    arrival: Ints = np.zeros(structure.nodes, np.int32)
    flow = np.zeros(structure.nodes)
    if required is None:
        required = np.full(structure.nodes, FAR, np.int32)
    if keep is None:
        kept, kept_size = np.zeros((structure.nodes, 6), np.int32), np.zeros(structure.nodes, np.int8)
    else:
        kept, kept_size = keep.chosen()
    store.complete = bool(
        cut_kernels.enumerate_cuts(
            structure.fanins,
            structure.first,
            structure.k,
            limit,
            references,
            required,
            kept,
            kept_size,
            store.leaves,
            store.sizes,
            store.counts,
            arrival,
            flow,
        )
    )
    return store, arrival, flow


def locate(store: CutStore, cover: Cover) -> Ints:
    """The index in ``store`` of each gate's cut in ``cover``, which must be there."""
    leaves, sizes = cover.chosen()
    same = (store.sizes == sizes[:, None]) & (np.arange(store.limit)[None, :] < store.counts[:, None])
    for position in range(6):
        same &= (store.leaves[:, :, position] == leaves[:, None, position]) | (position >= sizes[:, None])
    found: Ints = same.argmax(axis=1).astype(np.int32)
    return found


def shallowest_cover(structure: Structure) -> Cover:
    """A cover of the least depth that any has, by FlowMap."""
    store = CutStore(structure.nodes, 1)
    flow_kernels.label_depths(structure.fanins, structure.first, structure.k, store.leaves[:, 0], store.sizes[:, 0])
    store.counts[structure.first :] = 1
    return Cover(structure, store, np.zeros(structure.nodes, np.int32))
