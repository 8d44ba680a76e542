"""The expert: heuristics, annealing, exact solving of pruned and whole models, and large-neighbourhood search.

One method is not enough: CP-SAT proves most of what is proven, HiGHS some of what linear bounds can prove, pruning
makes large models solvable and cuts off the optimum of others, and annealing finds most of what is found at all.
"""

import math
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import numpy as np

from heurigym.experts.egraph import cpsat, highs
from heurigym.experts.egraph.annealing import Annealer
from heurigym.experts.egraph.answers import Answer
from heurigym.experts.egraph.graph import EGraph, Ints
from heurigym.experts.egraph.greedy import dag_greedy, tree_greedy
from heurigym.experts.egraph.parts import Solver, free_neighbourhood, pruned_nodes, solve_part
from heurigym.experts.egraph.reduction import extend_choice, reduced

THETAS = (1.05, 1.25, 1.5, 2.0, math.inf)
"""Pruning thresholds of the portfolio; the last prunes nothing, and its bounds are the only ones that hold."""

_TEMPERS = ((0.5, 0.05), (1.0, 0.0), (0.5, 0.5), (1.0, 0.05), (0.25, 0.2), (0.5, 0.0))
"""Heat and wisdom of rounds of annealing, in turn: which is best differs from one e-graph to the next."""

_FIRST_MOVES, _FIRST_MOVES_A_NODE, _MOST_MOVES = 50_000, 1_000, 20_000_000
_PRUNED_SHARE = 0.3
_NODES_A_SECOND = 1000
"""Models with more nodes for each second of the time limit are not given to the exact solvers whole."""

_NEIGHBOURHOOD_CLASSES = (60, 120, 250)


@dataclass(frozen=True)
class Improvement:
    """A step of the search that found something cheaper.

    Attributes:
        seconds: time since the start.
        cost: the cost then.
        method: what found it.
    """

    seconds: float
    cost: Fraction
    method: str


@dataclass(frozen=True)
class Extraction:
    """What the expert found.

    Attributes:
        choice: the chosen node of each needed class of the e-graph.
        cost: its exact cost.
        bound: proven lower bound on the cost of every extraction, or ``None``.
        optimal: whether the bound proves that nothing is cheaper.
        method: what found it.
        improvements: how the cost fell.
    """

    choice: Ints
    cost: Fraction
    bound: float | None
    optimal: bool
    method: str
    improvements: Sequence[Improvement]


@dataclass
class _Search:
    """The best choice so far, in the reduced e-graph."""

    graph: EGraph
    nodes: Ints
    deadline: float
    clock: Callable[[], float]
    random: random.Random
    begin: float
    choice: Ints
    cost: Fraction
    method: str
    bound: float = -math.inf
    improvements: list[Improvement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.has_whole_costs = all(cost.denominator == 1 for cost in self.graph.costs)

    def offer(self, choice: Ints, method: str) -> bool:
        """Take a choice if it is cheaper."""
        cost = self.graph.cost_of(choice)
        if cost >= self.cost:
            return False
        self.choice, self.cost, self.method = choice, cost, method
        self.improvements.append(Improvement(self.clock() - self.begin, cost, method))
        return True

    def take(self, answer: Answer, method: str) -> None:
        """Take what a solver found, if it found something cheaper."""
        if answer.choice is not None:
            self.offer(answer.choice, method)

    def take_bound(self, bound: float) -> None:
        """Take what a solver proved of the whole e-graph.

        Without negative costs 0 is a bound too, and with whole costs the next whole number.
        """
        if not self.graph.has_negative_costs:
            bound = max(bound, 0.0)
        if self.has_whole_costs and math.isfinite(bound):
            bound = float(math.ceil(bound - _rounding(bound)))
        self.bound = max(self.bound, bound)

    @property
    def proven(self) -> float | None:
        """The proven bound; none where it says more than a choice that is there, for then a solver was wrong."""
        cost = float(self.cost)
        if self.bound == -math.inf or self.bound > cost + _rounding(cost):
            return None
        return min(self.bound, cost)

    @property
    def left(self) -> float:
        return self.deadline - self.clock()

    @property
    def optimal(self) -> bool:
        """Whether the bound reaches the cost, up to the solvers' rounding."""
        cost = float(self.cost)
        return self.proven is not None and self.bound >= cost - _rounding(cost)


def _rounding(value: float) -> float:
    """How far a solver's figure may be from the exact one."""
    return 1e-7 * max(1.0, abs(value))


def extract(
    graph: EGraph, seconds: float, seed: int = 0, cores: int = 1, clock: Callable[[], float] = time.monotonic
) -> Extraction:
    """The cheapest extraction that the portfolio finds in about ``seconds``; it ends early at a proven optimum.

    Raises:
        ValueError: the roots cannot be extracted.
    """
    begin = clock()
    small, nodes = reduced(graph)
    tree = tree_greedy(small)
    search = _Search(
        small,
        nodes,
        begin + seconds,
        clock,
        random.Random(seed),
        begin,
        tree,
        small.cost_of(tree),
        "tree-cost greedy",
    )
    search.improvements.append(Improvement(clock() - begin, search.cost, search.method))
    _try_greedy(search, cores, seed)
    annealers = [Annealer(small, seed + index) for index in range(cores)]
    _anneal(search, annealers, share=0.3, patience=5)
    largest = round(_NODES_A_SECOND * seconds)
    if small.node_count <= largest:
        _solve_whole(search)
    if not search.optimal:
        _prune(search, largest)
        _alternate(search, annealers)
    return Extraction(
        extend_choice(graph, nodes, search.choice),
        search.cost,
        float(search.cost) if search.optimal else search.proven,
        search.optimal,
        search.method,
        tuple(search.improvements),
    )


def _try_greedy(search: _Search, cores: int, seed: int) -> None:
    deadline = search.clock() + 0.1 * search.left
    with ThreadPoolExecutor(cores) as pool:
        runs = [
            pool.submit(dag_greedy, search.graph, seed + index, deadline, search.clock)
            for index in range(max(2, cores))
        ]
        for run in runs:
            search.offer(run.result(), "DAG-cost greedy")


def _anneal(search: _Search, annealers: Sequence[Annealer], share: float, patience: int = 1_000_000) -> None:
    """Rounds of annealing for a share of the time left, from the tree-cost choice and from the best one in turn.

    Rounds become twice as long whenever two in a row do not help. It ends early after ``patience`` such pairs.
    """
    until = search.clock() + share * search.left
    tree = tree_greedy(search.graph)
    fruitless = 0
    moves, number = min(_FIRST_MOVES, _FIRST_MOVES_A_NODE * search.graph.node_count), 0
    with ThreadPoolExecutor(len(annealers)) as pool:
        while search.clock() < until and patience > 0:
            begin = search.choice if number % 2 else tree
            runs = [
                pool.submit(
                    annealer.round, begin, moves, *_TEMPERS[(number + index) % len(_TEMPERS)], until, search.clock
                )
                for index, annealer in enumerate(annealers)
            ]
            before = search.cost
            for run in runs:
                search.offer(run.result(), "annealing")
            fruitless = fruitless + 1 if search.cost == before else 0
            if fruitless and fruitless % 2 == 0:
                moves = min(2 * moves, _MOST_MOVES)
                patience -= 1
            number += 1


def _solve_whole(search: _Search) -> None:
    solvers: tuple[tuple[Solver, str, float], ...] = (
        (partial(cpsat.solve, hint=search.choice), "CP-SAT", 0.3),
        (highs.solve, "HiGHS", 0.15),
    )
    for solve, name, share in solvers:
        if search.optimal or search.left < 1:
            return
        answer = solve(search.graph, share * search.left, clock=search.clock)
        search.take_bound(answer.bound)
        search.take(answer, name)


def _prune(search: _Search, largest: int) -> None:
    """Solve the models pruned at each theta, from the smallest on, that are of different size and not too large."""
    until = search.clock() + _PRUNED_SHARE * search.left
    solved: set[int] = set()
    fallback = np.where(search.choice < 0, tree_greedy(search.graph), search.choice)
    finite = [theta for theta in THETAS if math.isfinite(theta)]
    for index, theta in enumerate(finite):
        seconds = (until - search.clock()) / (len(finite) - index)
        mask = pruned_nodes(search.graph, fallback, theta)
        if seconds < 0.2 or int(mask.sum()) in solved or mask.sum() > largest:
            continue
        solved.add(int(mask.sum()))
        answer = solve_part(search.graph, mask, seconds, highs.solve, search.clock)
        search.take(answer, f"HiGHS at theta {theta:g}")


def _alternate(search: _Search, annealers: Sequence[Annealer]) -> None:
    """Neighbourhoods and annealing in turn until the time is over."""
    number = 0
    while search.left > 0.3 and not search.optimal:
        until = search.clock() + min(0.5 * search.left, max(3.0, 0.1 * search.left))
        while search.clock() < until:
            classes = _NEIGHBOURHOOD_CLASSES[number % len(_NEIGHBOURHOOD_CLASSES)]
            number += 1
            mask = free_neighbourhood(search.graph, search.choice, classes, search.random)
            answer = solve_part(search.graph, mask, min(3.0, search.left), highs.solve, search.clock)
            search.take(answer, "neighbourhood by HiGHS")
        _anneal(search, annealers, share=min(1.0, max(3.0, 0.1 * search.left) / max(0.1, search.left)))
