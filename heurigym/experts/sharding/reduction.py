"""A smaller problem with the same optimum: strategies, nodes and edges that need no choice are taken out.

* A strategy that no neighbour can join below the cut is dropped, and one that another strategy
  beats whatever the neighbours do.
* A node whose strategy follows from a neighbour's, all other pairs being forbidden, becomes part of it.
* A node of at most two neighbours whose memory does not matter is eliminated: its best answer to them goes into the
  neighbour's costs, or into a table between the two, as in solvers of partitioned boolean quadratic problems
  (B. Scholz and E. Eckstein, Register allocation for irregular architectures, 2002).

What is found is exact for choices that cost less than a cut, such as the cost of a known choice.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence

import numpy as np

from heurigym.experts.sharding.arrays import Arrays, Floats, Integers, Item, arrays_of
from heurigym.experts.sharding.program import Program

FORBIDDEN = 10**13
"""Costs are cut here: sums of so few numbers of this size are exact in doubles."""
LARGEST_TABLE = 4000
"""Elimination makes no table of more pairs."""
LARGEST_WORK = 400_000
"""Elimination looks at no more triples of strategies for one table."""


class Reduction:
    """A problem under reduction.

    Attributes:
        arrays: the reduced problem; set by :meth:`finish`.
        kept: the nodes that are left, in the order of the arrays.
    """

    arrays: Arrays
    kept: list[int]

    def __init__(self, program: Program, cut: int = FORBIDDEN) -> None:
        self._cut = min(cut, FORBIDDEN)
        self._costs: list[Floats] = [_numbers(costs, self._cut) for costs in program.costs]
        self._members: list[list[tuple[int, Integers]]] = [
            [(node, np.arange(len(costs)))] for node, costs in enumerate(program.costs)
        ]
        self._eliminated: list[tuple[int, list[tuple[int, Integers]], Integers]] = []
        self._gone = [False] * len(program.costs)
        self._tables: list[dict[int, Floats]] = [{} for _ in program.costs]
        self._unit = program.unit
        self._limit, all_usages = program.counted()
        self._items: list[list[Item]] = [
            [] if self._limit is None or begin >= end else [(begin, end, np.array(usages, dtype=np.int64))]
            for (begin, end), usages in zip(program.intervals, all_usages, strict=True)
        ]
        for (tail, head), values in zip(program.pairs, program.tables, strict=True):
            table = _numbers(values, self._cut).reshape(len(self._costs[tail]), len(self._costs[head]))
            if tail == head:
                self._costs[tail] = self._costs[tail] + np.diagonal(table)
            else:
                self._join(tail, head, table)
        self._drop_free_items()

    @property
    def exact(self) -> bool:
        """Whether memory is counted in the problem's own unit, so that no choice is lost by rounding."""
        return self._unit == 1

    def reduce(self, more: Callable[[], bool] = lambda: True) -> None:
        """Apply all rules until none applies, or ``more`` says no."""
        waiting = deque(range(len(self._costs)))
        queued = [True] * len(self._costs)
        while waiting and more():
            node = waiting.popleft()
            queued[node] = False
            if self._gone[node]:
                continue
            around = list(self._tables[node])
            changed = False
            while not self._gone[node] and self._simplify(node):
                changed = True
            if changed:
                for other in {*around, *self._tables[node]}:
                    if not self._gone[other] and not queued[other]:
                        queued[other] = True
                        waiting.append(other)

    def finish(self) -> Arrays:
        """The reduced problem."""
        self.kept = [node for node, gone in enumerate(self._gone) if not gone]
        number = {node: place for place, node in enumerate(self.kept)}
        tables = {
            (number[tail], number[head]): table
            for tail in self.kept
            for head, table in self._tables[tail].items()
            if tail < head
        }
        self.arrays = arrays_of(
            [self._costs[node] for node in self.kept],
            [self._items[node] for node in self.kept],
            tables,
            self._limit,
        )
        return self.arrays

    def expanded(self, chosen: Sequence[int] | Integers) -> list[int]:
        """The strategies of all nodes of the problem for a choice of the reduced problem."""
        result = [0] * len(self._costs)
        for node, index in zip(self.kept, chosen, strict=True):
            for member, names in self._members[node]:
                result[member] = int(names[index])
        for node, around, answers in reversed(self._eliminated):
            # A neighbour may have lost strategies or become part of another node since.
            places = tuple(int(np.flatnonzero(names == result[other])[0]) for other, names in around)
            for member, names in self._members[node]:
                result[member] = int(names[answers[places]])
        return result

    def reduced(self, chosen: Sequence[int]) -> Integers:
        """The choice of the reduced problem that is most like one of the problem, which may not fit."""
        result = []
        for node in self.kept:
            alike = np.zeros(len(self._costs[node]), np.int64)
            for member, names in self._members[node]:
                alike += names == chosen[member]
            result.append(int(np.argmax(alike)))
        return np.array(result, dtype=np.int64)

    def _join(self, tail: int, head: int, table: Floats) -> None:
        if head in self._tables[tail]:
            table = np.minimum(self._tables[tail][head] + table, self._cut)
        if table.any():
            self._tables[tail][head] = table
            self._tables[head][tail] = table.T
        else:
            self._tables[tail].pop(head, None)
            self._tables[head].pop(tail, None)

    def _drop_free_items(self) -> None:
        """Drop memory at times at which everything fits, whatever is chosen."""
        if self._limit is None:
            return
        change: dict[int, int] = defaultdict(int)
        for parts in self._items:
            for begin, end, usage in parts:
                change[begin] += int(usage.max())
                change[end] -= int(usage.max())
        times = sorted(change)
        used = np.cumsum([0] + [change[time] for time in times])
        tight = np.concatenate([[0], np.cumsum(used > self._limit)])
        place = {time: index for index, time in enumerate(times)}
        for node, parts in enumerate(self._items):
            self._items[node] = [
                (begin, end, usage)
                for begin, end, usage in parts
                if tight[place[end] + 1] > tight[place[begin] + 1]
            ]

    def _simplify(self, node: int) -> bool:
        """Apply the first rule that changes something at ``node``."""
        if len(self._costs[node]) == 1 and not self._tables[node]:
            return False
        return self._drop_dead(node) or self._absorb(node) or self._eliminate(node) or self._drop_beaten(node)

    def _keep(self, node: int, keep: Integers) -> None:
        self._costs[node] = self._costs[node][keep]
        self._members[node] = [(member, names[keep]) for member, names in self._members[node]]
        self._items[node] = [(begin, end, usage[keep]) for begin, end, usage in self._items[node]]
        for other, table in list(self._tables[node].items()):
            self._tables[node][other] = table[keep]
            self._tables[other][node] = table[keep].T

    def _drop_dead(self, node: int) -> bool:
        alive = self._costs[node] < self._cut
        for table in self._tables[node].values():
            alive &= table.min(axis=1) < self._cut
        if alive.all() or not alive.any():
            return False
        self._keep(node, np.flatnonzero(alive))
        return True

    def _drop_beaten(self, node: int) -> bool:
        """Drop each strategy that some other one beats for all choices of the neighbours, with no more memory."""
        count = len(self._costs[node])
        if count == 1 or count > 200:
            return False
        worse = self._costs[node][:, None] - self._costs[node][None, :]  # by how much a row may be beaten
        able = np.ones((count, count), dtype=bool)
        for _, _, usage in self._items[node]:
            able &= usage[:, None] >= usage[None, :]
        for table in self._tables[node].values():
            if not able.any():
                return False
            worse += (table[:, None, :] - table[None, :, :]).min(axis=2)
        beats = able & (worse >= 0)
        np.fill_diagonal(beats, False)
        # Of strategies that beat each other the first one stays.
        beats &= ~(beats.T & (np.arange(count)[None, :] > np.arange(count)[:, None]))
        dropped = beats.any(axis=1)
        if not dropped.any():
            return False
        self._keep(node, np.flatnonzero(~dropped))
        return True

    def _absorb(self, node: int) -> bool:
        """Make ``node`` a part of a neighbour whose strategy decides its own."""
        for owner, table in self._tables[node].items():
            allowed = table < self._cut
            if (allowed.sum(axis=0) == 1).all():
                self._merge(node, owner, np.argmax(allowed, axis=0))
                return True
        return len(self._costs[node]) == 1 and self._fold(node)

    def _fold(self, node: int) -> bool:
        """Cut off a node of one strategy: its tables become costs of its neighbours."""
        if not self._tables[node]:
            return False
        for other, table in list(self._tables[node].items()):
            self._costs[other] = np.minimum(self._costs[other] + table[0], self._cut)
            del self._tables[other][node]
        self._tables[node] = {}
        return True

    def _merge(self, node: int, owner: int, answer: Integers) -> None:
        table = self._tables[node].pop(owner)
        del self._tables[owner][node]
        added = self._costs[node][answer] + table[answer, np.arange(len(answer))]
        self._costs[owner] = np.minimum(self._costs[owner] + added, self._cut)
        self._members[owner] += [(member, names[answer]) for member, names in self._members[node]]
        self._items[owner] += [(begin, end, usage[answer]) for begin, end, usage in self._items[node]]
        for other, values in list(self._tables[node].items()):
            del self._tables[other][node]
            self._join(owner, other, values[answer])
        self._tables[node] = {}
        self._gone[node] = True

    def _eliminate(self, node: int) -> bool:
        around = list(self._tables[node])
        if len(around) > 2 or any(usage.min() < usage.max() for _, _, usage in self._items[node]):
            return False
        if not around and (len(self._costs[node]) == 1 or self._items[node]):
            return False
        if not around:
            self._keep(node, np.array([int(np.argmin(self._costs[node]))]))
            return True
        sums: Floats = self._costs[node] + self._tables[around[0]][node]
        if len(around) == 2:
            sizes = [len(self._costs[other]) for other in around]
            if sizes[0] * sizes[1] > LARGEST_TABLE or sizes[0] * sizes[1] * len(self._costs[node]) > LARGEST_WORK:
                return False
            sums = sums[:, None, :] + self._tables[around[1]][node][None, :, :]
        if self._items[node]:
            # Memory that is the same for all strategies stays with a neighbour.
            wide = len(self._costs[around[0]])
            self._items[around[0]] += [
                (begin, end, np.repeat(usage[:1], wide)) for begin, end, usage in self._items[node]
            ]
        own = [(other, self._members[other][0][1]) for other in around]
        self._eliminated.append((node, own, np.argmin(sums, axis=-1)))
        least = np.minimum(sums.min(axis=-1), self._cut)
        for other in around:
            del self._tables[other][node]
        self._tables[node] = {}
        self._gone[node] = True
        if len(around) == 1:
            self._costs[around[0]] = np.minimum(self._costs[around[0]] + least, self._cut)
        else:
            self._join(around[0], around[1], least)
        return True


def _numbers(values: Sequence[int], cut: int) -> Floats:
    try:
        return np.minimum(np.array(values, dtype=np.float64), cut)
    except OverflowError:
        return np.array([min(value, cut) for value in values], dtype=np.float64)
