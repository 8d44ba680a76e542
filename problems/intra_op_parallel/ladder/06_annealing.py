"""Annealing from a descent: a node draws a strategy by its cost with all neighbours, at a falling temperature.

The number of moves is fixed, so that every run gives the same where the time allows them all.
"""

import json
import random
import time
from pathlib import Path

import numpy as np

ROUNDS = 20
MOVES = 60_000
SECONDS = 30
HOT, COLD = 1.0, 0.003
"""First and last temperature, in average costs of a node."""


def solve(input_file, solution_file):
    until = time.monotonic() + SECONDS
    costs, usages, intervals, limit, around = read_problem(input_file)
    chosen = least_memory(usages)
    memory = Memory(usages, intervals, limit, chosen)
    one_pass(costs, usages, around, memory, chosen)
    descend(costs, usages, around, memory, chosen, ROUNDS, until)
    anneal(costs, usages, around, memory, chosen, until)
    Path(solution_file).write_text(json.dumps(chosen))


def whole_cost(costs, around, chosen):
    total = sum(values[index] for values, index in zip(costs, chosen, strict=True))
    for node, neighbours in enumerate(around):
        total += sum(table[chosen[node], chosen[other]] for other, table in neighbours if other > node)
    return total


def anneal(costs, usages, around, memory, chosen, until):
    generator = random.Random(1)
    free = [node for node, values in enumerate(costs) if len(values) > 1]
    cost = least = whole_cost(costs, around, chosen)
    best = list(chosen)
    average = cost / max(1, len(costs))
    for move in range(MOVES if free else 0):
        if move % 200 == 0 and time.monotonic() > until:
            break
        heat = average * HOT * (COLD / HOT) ** (move / MOVES)
        node = free[generator.randrange(len(free))]
        old = chosen[node]
        total = costs[node].copy()
        for other, table in around[node]:
            total += table[:, chosen[other]]
        total[usages[node] > memory.room(node, old)] = np.inf
        weights = np.cumsum(np.exp((total.min() - total) / heat))
        new = int(np.searchsorted(weights, generator.random() * weights[-1], side="right"))
        if new != old:
            memory.change(node, old, new)
            chosen[node] = new
            cost += total[new] - total[old]
            if cost < least:
                least, best = cost, list(chosen)
    chosen[:] = best
    until = time.monotonic() + 5
    final = Memory(usages, memory.spans, memory.limit, chosen)
    descend(costs, usages, around, final, chosen, ROUNDS, until)


def read_problem(input_file):
    """Costs, usages, intervals and limit, and for each node its neighbours with tables seen from the node."""
    problem = json.loads(Path(input_file).read_text())["problem"]
    costs = [np.array(values, dtype=float) for values in problem["nodes"]["costs"]]
    usages = [np.array(values, dtype=np.int64) for values in problem["nodes"]["usages"]]
    around = [[] for _ in costs]
    for (tail, head), values in zip(problem["edges"]["nodes"], problem["edges"]["costs"], strict=True):
        table = np.array(values, dtype=float).reshape(len(costs[tail]), len(costs[head]))
        if tail == head:
            costs[tail] = costs[tail] + np.diagonal(table)
        else:
            around[tail].append((head, table))
            around[head].append((tail, table.T))
    return costs, usages, problem["nodes"]["intervals"], problem.get("usage_limit"), around


class Memory:
    """Memory in use at each time at which it may change."""

    def __init__(self, usages, intervals, limit, chosen):
        times = sorted({time for interval in intervals for time in interval})
        place = {time: index for index, time in enumerate(times)}
        self.spans = [(place[begin], place[end]) for begin, end in intervals]
        self.usages, self.limit = usages, limit
        change = np.zeros(len(times) + 1, dtype=np.int64)
        for node, (begin, end) in enumerate(self.spans):
            if begin < end:
                change[begin] += usages[node][chosen[node]]
                change[end] -= usages[node][chosen[node]]
        self.used = np.cumsum(change)

    def room(self, node, strategy):
        """The most that a node may use, of which it uses ``strategy`` now."""
        begin, end = self.spans[node]
        if self.limit is None or begin == end:
            return np.iinfo(np.int64).max
        return self.limit - int(self.used[begin:end].max()) + int(self.usages[node][strategy])

    def change(self, node, old, new):
        begin, end = self.spans[node]
        self.used[begin:end] += self.usages[node][new] - self.usages[node][old]


def least_memory(usages):
    return [int(values.argmin()) for values in usages]


def one_pass(costs, usages, around, memory, chosen):
    """In the order of the nodes, the cheapest strategy with those before that leaves room for the rest."""
    for node in range(len(costs)):
        total = costs[node].copy()
        for other, table in around[node]:
            if other < node:
                total += table[:, chosen[other]]
        total[usages[node] > memory.room(node, chosen[node])] = np.inf
        new = int(total.argmin())
        memory.change(node, chosen[node], new)
        chosen[node] = new


def descend(costs, usages, around, memory, chosen, rounds, until):
    """Give each node in turn the cheapest strategy with all its neighbours that fits, until nothing changes."""
    for _ in range(rounds):
        changed = False
        for node in range(len(costs)):
            if len(costs[node]) == 1 or time.monotonic() > until:
                continue
            total = costs[node].copy()
            for other, table in around[node]:
                total += table[:, chosen[other]]
            total[usages[node] > memory.room(node, chosen[node])] = np.inf
            new = int(total.argmin())
            if total[new] < total[chosen[node]]:
                memory.change(node, chosen[node], new)
                chosen[node] = new
                changed = True
        if not changed:
            return
