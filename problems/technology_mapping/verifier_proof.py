"""Proving that two circuits compute the same: by truth tables of cones, by structure, and by satisfiability.

Both circuits are put into one graph. The tables of the second one are taken in topological order, and each is
looked for among the nodes of the first one: first the net of the same name, then nodes with the same simulated
values. A node is the same if the truth tables over the table's fanins agree, or if a SAT solver finds no difference
within a few conflicts. The table's readers then read the node of the first circuit, so that every proof is a local
one. Names and simulation only say where to look. What is not merged on the way is left to the outputs, where a
difference is a counterexample and no difference a proof ("SAT sweeping", A. Kuehlmann, ICCAD 2004).
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from verifier_blif import Network, Table, projections
from verifier_graph import Graph, flips, variables_mask
from verifier_sat import Sat

from heurigym.problems import Infeasible, listed, shorten

_CONE = 4000
_CANDIDATES = 4
_LOCAL_CONFLICTS = 300
_FINAL_CONFLICTS = 40_000
_FLIPS = 63
_REFINEMENTS = 400


@dataclass(slots=True)
class Proof:
    """How much was proven by which method.

    Attributes:
        by_name: tables that equal the net of the same name, by truth table.
        by_cone: tables that equal another node, by truth table.
        by_structure: tables that turned out to be a gate that exists already.
        by_sat: tables that equal a node, by satisfiability.
        left: tables that equal no node, or were not proven to.
        outputs_by_sat: outputs proven by satisfiability in the end.
    """

    by_name: int = 0
    by_cone: int = 0
    by_structure: int = 0
    by_sat: int = 0
    left: int = 0
    outputs_by_sat: int = 0


def prove_equivalence(given: Network, found: Network, seconds: float) -> Proof:
    """How it was proven that ``found`` computes what ``given`` does; both have the same inputs and outputs.

    The time is that of this process alone, so that others on the machine do not change a verdict.

    Raises:
        Infeasible: they differ, or no proof was found in ``seconds`` of CPU time.
        ImportError: the proof needs a SAT solver and python-sat is missing.
    """
    return _Comparison(given, found, time.process_time() + seconds, seconds).run()


@dataclass(slots=True)
class _Comparison:
    given: Network
    found: Network
    deadline: float
    seconds: float
    proof: Proof = field(default_factory=Proof)
    graph: Graph = field(init=False)
    first: dict[str, int] = field(init=False)
    second: dict[str, int] = field(init=False)
    nodes: int = field(init=False)
    same: dict[int, list[int]] = field(init=False)
    sat: Sat = field(init=False)
    refinements: int = 0

    def run(self) -> Proof:
        self.graph = Graph(len(self.given.inputs), seed=1)
        literals = {name: 2 * (index + 1) for index, name in enumerate(self.given.inputs)}
        self.first = dict(literals)
        for net, table in self.given.tables.items():
            self.first[net] = self.graph.table(table, [self.first[fanin] for fanin in table.fanins])
        self.nodes = len(self.graph.fanins)
        self._refute_by_simulation()
        self.sat = Sat(self.graph)
        self._classify()
        self.second = dict(literals)
        for net, table in self.found.tables.items():
            if time.process_time() > self.deadline:
                raise self._not_proven(self.given.outputs)
            self.second[net] = self._place(net, table)
        self._compare_outputs()
        return self.proof

    def _refute_by_simulation(self) -> None:
        """Simulate the second circuit on the same patterns, without putting it into the graph."""
        graph, mask = self.graph, (1 << self.graph.width) - 1
        values = {name: graph.values[index + 1] for index, name in enumerate(self.given.inputs)}
        for net, table in self.found.tables.items():
            values[net] = _simulate(table, [values[fanin] for fanin in table.fanins], mask)
        wrong = []
        pattern = 0
        for output in self.given.outputs:
            difference = values[output] ^ graph.value(self.first[output])
            if difference:
                pattern = pattern or difference & -difference
                wrong.append(output)
        if wrong:
            ones = {name for index, name in enumerate(self.given.inputs) if graph.values[index + 1] & pattern}
            raise _differ(wrong, [name for name in self.given.inputs if name in ones])

    def _classify(self) -> None:
        """Sort the nodes of the first circuit by their simulated values."""
        self.same = {}
        for node in range(self.nodes):
            self.same.setdefault(self.graph.signature(2 * node)[0], []).append(node)

    def _place(self, net: str, table: Table) -> int:
        fanins = [self.second[fanin] for fanin in table.fanins]
        leaves = list(dict.fromkeys(fanin >> 1 for fanin in fanins))
        variables = projections(len(leaves))
        truth = self._truth_over(table, fanins, leaves, variables)
        named = self.first.get(net)
        if named is not None and self._equal_cone(named, truth, leaves, variables):
            self.proof.by_name += 1
            return named
        literal = self.graph.table(table, fanins)
        if literal >> 1 < self.nodes:
            self.proof.by_structure += 1
            return literal
        value, flipped = self.graph.signature(literal)
        candidates = self.same.get(value, [])[:_CANDIDATES]
        for node in candidates:
            candidate = 2 * node | (flipped ^ self.graph.signature(2 * node)[1])
            if self._equal_cone(candidate, truth, leaves, variables):
                self.proof.by_cone += 1
                return candidate
        return self._place_by_sat(literal)

    def _place_by_sat(self, literal: int) -> int:
        while time.process_time() < self.deadline:
            value, flipped = self.graph.signature(literal)
            candidates = self.same.get(value)
            if not candidates:
                break
            candidate = 2 * candidates[0] | (flipped ^ self.graph.signature(2 * candidates[0])[1])
            equal = self.sat.equal(literal, candidate, _LOCAL_CONFLICTS)
            if equal:
                self.proof.by_sat += 1
                return candidate
            if equal is None or self.refinements >= _REFINEMENTS:
                break
            self._refine()
        self.proof.left += 1
        return literal

    def _refine(self) -> None:
        """Simulate the difference that the solver found, and patterns near it."""
        self.refinements += 1
        rng = random.Random(self.refinements)
        near = flips(rng, self.graph.inputs, _FLIPS)
        every = (1 << (_FLIPS + 1)) - 1
        bits = self.sat.difference()
        words = [(flip << 1) ^ (every if bit else 0) for flip, bit in zip(near, bits, strict=True)]
        self.graph.add_patterns(words, _FLIPS + 1)
        self._classify()

    @staticmethod
    def _truth_over(table: Table, fanins: list[int], leaves: list[int], variables: list[int]) -> int:
        everything = variables_mask(len(leaves))
        of = dict(zip(leaves, variables, strict=True))
        values = [of[fanin >> 1] ^ (everything if fanin & 1 else 0) for fanin in fanins]
        return _simulate(table, values, everything)

    def _equal_cone(self, literal: int, truth: int, leaves: list[int], variables: list[int]) -> bool:
        cone = self.graph.cone_truth(literal >> 1, leaves, variables, _CONE)
        if cone is None:
            return False
        return cone ^ (variables_mask(len(leaves)) if literal & 1 else 0) == truth

    def _compare_outputs(self) -> None:
        left = [output for output in self.given.outputs if self.first[output] != self.second[output]]
        conflicts = 2000
        while left:
            undecided = []
            for output in left:
                if time.process_time() > self.deadline:
                    raise self._not_proven(left)
                equal = self.sat.equal(self.first[output], self.second[output], conflicts)
                if equal is None:
                    undecided.append(output)
                elif equal:
                    self.proof.outputs_by_sat += 1
                else:
                    bits = self.sat.difference()
                    raise _differ([output], [n for n, bit in zip(self.given.inputs, bits, strict=True) if bit])
            left = undecided
            conflicts = min(4 * conflicts, _FINAL_CONFLICTS)

    def _not_proven(self, outputs: Sequence[str]) -> Infeasible:
        return Infeasible(f"equivalence not proven within {self.seconds:g} s: {listed(outputs)}")


def _simulate(table: Table, values: list[int], mask: int) -> int:
    result = 0
    for cube in table.cubes:
        product = mask
        for bit, value in zip(cube, values, strict=True):
            if bit != "-":
                product &= value if bit == "1" else value ^ mask
        result |= product
    return result if table.value else result ^ mask


def _differ(outputs: list[str], ones: list[str]) -> Infeasible:
    where = f"with {listed(ones, shown=12)} at 1 and the other inputs at 0" if ones else "with all inputs at 0"
    names = listed([shorten(output, 60) for output in outputs])
    return Infeasible(f"{len(outputs)} outputs differ from the given circuit: {names}; for example {where}")
