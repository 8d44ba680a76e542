"""Questions about a graph to a SAT solver: python-sat's Glucose, loaded when the first question is asked."""

from typing import Any

from verifier_graph import Graph


class Sat:
    """Asks whether literals of a graph are equal; gates are given to the solver when a question needs them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._solver: Any = None
        self._given: set[int] = set()
        self._model: set[int] = set()

    def equal(self, left: int, right: int, conflicts: int) -> bool | None:
        """Whether two literals are equal for all inputs; ``None`` if that took more than ``conflicts`` conflicts.

        Raises:
            ImportError: python-sat is missing.
        """
        self._start()
        self._give(left >> 1)
        self._give(right >> 1)
        for a, b in ((left, right ^ 1), (left ^ 1, right)):
            self._solver.conf_budget(conflicts)
            answer = self._solver.solve_limited(assumptions=[_variable(a), _variable(b)])
            if answer is None:
                return None
            if answer:
                self._model = {variable for variable in self._solver.get_model() if variable > 0}
                return False
        return True

    def difference(self) -> list[bool]:
        """Values of the inputs for which the literals of the last question differ."""
        return [index + 2 in self._model for index in range(self._graph.inputs)]

    def _start(self) -> None:
        if self._solver is None:
            try:
                from pysat.solvers import Glucose4
            except ImportError as error:
                raise ImportError("this proof of equivalence needs a SAT solver: pip install python-sat") from error
            self._solver = Glucose4()
            self._solver.add_clause([-_variable(0)])
            self._given.add(0)

    def _give(self, node: int) -> None:
        """Give the solver the gates below ``node``."""
        stack = [node]
        while stack:
            current = stack.pop()
            if current in self._given:
                continue
            self._given.add(current)
            if current <= self._graph.inputs:
                continue
            left, right = self._graph.fanins[current]
            out, a, b = current + 1, _variable(left), _variable(right)
            self._solver.add_clause([-out, a])
            self._solver.add_clause([-out, b])
            self._solver.add_clause([out, -a, -b])
            stack += [left >> 1, right >> 1]


def _variable(literal: int) -> int:
    """Node v is the solver's variable v + 1."""
    variable = (literal >> 1) + 1
    return -variable if literal & 1 else variable
