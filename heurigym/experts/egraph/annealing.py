"""Local search on the DAG cost: one needed class changes its node, reference counts tell what that costs.

A move drops what the old node alone needed and takes what the new node needs on top, as exact area recovery in
technology mapping does (Mishchenko et al. 2007), so its price depends on what changes and not on the size of the
program. Moves are accepted by simulated annealing.
"""

import math
import time
from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from heurigym.experts.egraph.compiled import compiled
from heurigym.experts.egraph.graph import UNCHOSEN, EGraph, Floats, Ints
from heurigym.experts.egraph.greedy import tree_choice, tree_greedy

_HOTTEST, _COLDEST = 1.0, 0.02
"""Temperatures of a round, in units of a typical node's cost."""


def class_components(graph: EGraph) -> Ints:
    """For each class its strongly connected component, or -1 where that is the class alone."""
    pairs = (np.ones(len(graph.children), dtype=np.int8), (graph.class_of[graph.edge_node], graph.children))
    size = graph.class_count
    _, labels = connected_components(csr_array(pairs, shape=(size, size)), directed=True, connection="strong")
    alone = np.bincount(labels)[labels] == 1
    return np.where(alone, -1, labels).astype(np.int64)


class Annealer:
    """Simulated annealing of extractions of one e-graph, whose self-loops must have been removed."""

    def __init__(self, graph: EGraph, seed: int) -> None:
        self._graph = graph
        self._costs, _ = graph.scaled_costs()
        self._components = class_components(graph)
        self._random = np.random.default_rng(seed)
        self._fallback = tree_greedy(graph)
        self._estimates = _marginal_estimates(graph, self._costs)

    def round(
        self,
        choice: Ints,
        moves: int,
        heat: float = 1.0,
        deadline: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> Ints:
        """The best choice found in about ``moves`` moves from ``choice``, with a falling temperature.

        ``heat`` scales the temperature; 0 accepts improvements and ties alone. The round ends at ``deadline``.
        """
        current = np.where(choice == UNCHOSEN, self._fallback, choice)
        best = current.copy()
        unit = self._typical_cost(current)
        chunk = max(1, min(moves // 20, 50_000))
        begin = clock()
        share = 0.0
        while share < 1.0:
            temperature = heat * unit * _HOTTEST * (_COLDEST / _HOTTEST) ** share
            _anneal(
                self._graph.first,
                self._graph.child_start,
                self._graph.children,
                self._graph.class_of,
                self._graph.roots,
                self._costs,
                self._estimates,
                self._components,
                current,
                best,
                temperature,
                chunk,
                int(self._random.integers(1 << 31)),
            )
            share += chunk / moves
            if clock() >= deadline:
                break
            if deadline < math.inf:
                share = max(share, (clock() - begin) / (deadline - begin))
        return best

    def _typical_cost(self, choice: Ints) -> float:
        paid = np.abs(self._costs[choice[self._graph.needed(choice)]])
        paid = paid[paid > 0]
        return float(np.median(paid)) if len(paid) else 1.0


def _marginal_estimates(graph: EGraph, costs: Ints) -> Floats:
    """What each class is likely to cost on top of others: its tree cost, less where many nodes could share it."""
    choice, order = tree_choice(graph)
    discount = np.sqrt(np.maximum(1, np.diff(graph.users[0])))
    return _shared_costs(graph.child_start, graph.children, costs, choice, order, discount)


@compiled
def _shared_costs(
    child_start: Ints, children: Ints, costs: Ints, choice: Ints, order: Ints, discount: Floats
) -> Floats:
    value = np.zeros(len(choice))
    for current in order:
        node = choice[current]
        total = float(costs[node])
        for index in range(child_start[node], child_start[node + 1]):
            total += value[children[index]]
        value[current] = total / discount[current]
    return value


@compiled
def _take(
    node: int,
    wise: bool,
    first: Ints,
    child_start: Ints,
    children: Ints,
    costs: Ints,
    estimates: np.ndarray,
    choice: Ints,
    uses: Ints,
    needed: Ints,
    place: Ints,
    stack: Ints,
    fresh: Ints,
    before: Ints,
    counts: Ints,
) -> int:
    """Add a node's needs: the cost of the classes that become needed, which are written to ``fresh``.

    ``counts`` holds the number of needed classes and of fresh ones. With ``wise`` each of the latter chooses the
    node that looks cheapest beside what is needed already; its former choice goes to ``before``.
    """
    total: int = costs[node]
    stack[0] = node
    top = 1
    while top > 0:
        top -= 1
        current = stack[top]
        for index in range(child_start[current], child_start[current + 1]):
            child = children[index]
            uses[child] += 1
            if uses[child] == 1:
                before[counts[1]] = choice[child]
                if wise:
                    best_value = np.inf
                    for rival in range(first[child], first[child + 1]):
                        value = float(costs[rival])
                        for other in range(child_start[rival], child_start[rival + 1]):
                            if uses[children[other]] == 0:
                                value += estimates[children[other]]
                        if value < best_value or (value == best_value and rival == choice[child]):
                            best_value = value
                            choice[child] = rival
                fresh[counts[1]] = child
                counts[1] += 1
                place[child] = counts[0]
                needed[counts[0]] = child
                counts[0] += 1
                total += costs[choice[child]]
                stack[top] = choice[child]
                top += 1
    return total


@compiled
def _drop(
    node: int,
    child_start: Ints,
    children: Ints,
    costs: Ints,
    choice: Ints,
    uses: Ints,
    needed: Ints,
    place: Ints,
    stack: Ints,
    counts: Ints,
) -> int:
    """Remove a node's needs: the cost of the node and of the classes that are needed no more."""
    total: int = costs[node]
    stack[0] = node
    top = 1
    while top > 0:
        top -= 1
        current = stack[top]
        for index in range(child_start[current], child_start[current + 1]):
            child = children[index]
            uses[child] -= 1
            if uses[child] == 0:
                counts[0] -= 1
                last = needed[counts[0]]
                needed[place[child]] = last
                place[last] = place[child]
                total += costs[choice[child]]
                stack[top] = choice[child]
                top += 1
    return total


@compiled
def _release(node: int, child_start: Ints, children: Ints, uses: Ints) -> None:
    for index in range(child_start[node], child_start[node + 1]):
        uses[children[index]] -= 1


@compiled
def _has_cycle(
    changed: int,
    child_start: Ints,
    children: Ints,
    components: Ints,
    choice: Ints,
    fresh: Ints,
    fresh_count: int,
    colour: Ints,
    position: Ints,
    path: Ints,
    visited: Ints,
) -> bool:
    """Whether the chosen nodes of ``changed`` and of the fresh classes close a cycle.

    Any new cycle goes through one of these, and stays inside its strongly connected component.
    """
    seen = 0
    found = False
    for number in range(-1, fresh_count):
        begin = changed if number < 0 else fresh[number]
        component = components[begin]
        if component < 0 or colour[begin] != 0:
            continue
        path[0] = begin
        depth = 1
        colour[begin] = 1
        position[begin] = child_start[choice[begin]]
        visited[seen] = begin
        seen += 1
        while depth > 0 and not found:
            current = path[depth - 1]
            index = position[current]
            if index == child_start[choice[current] + 1]:
                colour[current] = 2
                depth -= 1
                continue
            position[current] = index + 1
            child = children[index]
            if components[child] != component or colour[child] == 2:
                continue
            if colour[child] == 1:
                found = True
            else:
                colour[child] = 1
                position[child] = child_start[choice[child]]
                visited[seen] = child
                seen += 1
                path[depth] = child
                depth += 1
        if found:
            break
    for number in range(seen):
        colour[visited[number]] = 0
    return found


@compiled
def _anneal(
    first: Ints,
    child_start: Ints,
    children: Ints,
    class_of: Ints,
    roots: Ints,
    costs: Ints,
    estimates: Floats,
    components: Ints,
    choice: Ints,
    best: Ints,
    temperature: float,
    moves: int,
    seed: int,
) -> None:
    """Change ``choice`` by ``moves`` moves and keep the cheapest choice met in ``best``."""
    np.random.seed(seed)
    count = len(choice)
    uses = np.zeros(count, dtype=np.int64)
    needed = np.empty(count, dtype=np.int64)
    place = np.zeros(count, dtype=np.int64)
    stack = np.empty(count + 1, dtype=np.int64)
    fresh = np.empty(count, dtype=np.int64)
    before = np.empty(count, dtype=np.int64)
    counts = np.zeros(2, dtype=np.int64)
    colour = np.zeros(count, dtype=np.int64)
    position = np.zeros(count, dtype=np.int64)
    path = np.empty(count, dtype=np.int64)
    visited = np.empty(count, dtype=np.int64)
    for root in roots:
        uses[root] += 1
        if uses[root] == 1:
            place[root] = counts[0]
            needed[counts[0]] = root
            counts[0] += 1
            _take(
                choice[root],
                False,
                first,
                child_start,
                children,
                costs,
                estimates,
                choice,
                uses,
                needed,
                place,
                stack,
                fresh,
                before,
                counts,
            )
    # ``best`` and ``choice`` may differ at the start, so the sum below the best so far is what counts.
    excess = _selection_cost(choice, needed, counts[0], costs) - _reached_cost(
        roots, child_start, children, costs, best
    )
    unsaved = False
    for _ in range(moves):
        owner = needed[np.random.randint(counts[0])]
        size = first[owner + 1] - first[owner]
        if size < 2:
            continue
        old = choice[owner]
        new = first[owner] + np.random.randint(size - 1)
        if new >= old:
            new += 1
        wise = np.random.random() < 0.5
        change = -_drop(old, child_start, children, costs, choice, uses, needed, place, stack, counts)
        choice[owner] = new
        counts[1] = 0
        change += _take(
            new,
            wise,
            first,
            child_start,
            children,
            costs,
            estimates,
            choice,
            uses,
            needed,
            place,
            stack,
            fresh,
            before,
            counts,
        )
        accepted = change <= 0 or (temperature > 0 and np.random.random() < math.exp(-change / temperature))
        if accepted:
            accepted = not _has_cycle(
                owner, child_start, children, components, choice, fresh, counts[1], colour, position, path, visited
            )
        if accepted:
            if change > 0 and unsaved:
                # The state before this move is the best so far; it is this state with the move taken back.
                best[:] = choice
                for number in range(counts[1] - 1, -1, -1):
                    best[fresh[number]] = before[number]
                best[owner] = old
                unsaved = False
            excess += change
            if excess < 0:
                excess = 0
                unsaved = True
        else:
            # Not by _drop, which never gets to the end of a cycle of fresh classes.
            _release(new, child_start, children, uses)
            for number in range(counts[1]):
                _release(choice[fresh[number]], child_start, children, uses)
                choice[fresh[number]] = before[number]
            counts[0] -= counts[1]
            choice[owner] = old
            _take(
                old,
                False,
                first,
                child_start,
                children,
                costs,
                estimates,
                choice,
                uses,
                needed,
                place,
                stack,
                fresh,
                before,
                counts,
            )
    if unsaved:
        best[:] = choice


@compiled
def _selection_cost(choice: Ints, needed: Ints, count: int, costs: Ints) -> int:
    total: int = 0
    for number in range(count):
        total += costs[choice[needed[number]]]
    return total


@compiled
def _reached_cost(roots: Ints, child_start: Ints, children: Ints, costs: Ints, choice: Ints) -> int:
    seen = np.zeros(len(choice), dtype=np.bool_)
    stack = np.empty(len(choice), dtype=np.int64)
    top = 0
    for root in roots:
        seen[root] = True
        stack[top] = root
        top += 1
    total: int = 0
    while top > 0:
        top -= 1
        node = choice[stack[top]]
        total += costs[node]
        for index in range(child_start[node], child_start[node + 1]):
            child = children[index]
            if not seen[child]:
                seen[child] = True
                stack[top] = child
                top += 1
    return total
