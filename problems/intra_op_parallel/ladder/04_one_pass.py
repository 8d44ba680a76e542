"""One pass: each node takes the cheapest strategy with the nodes before it that leaves room for the rest."""

import json
from pathlib import Path

import numpy as np


def solve(input_file, solution_file):
    costs, usages, intervals, limit, around = read_problem(input_file)
    chosen = least_memory(usages)
    memory = Memory(usages, intervals, limit, chosen)
    one_pass(costs, usages, around, memory, chosen)
    Path(solution_file).write_text(json.dumps(chosen))


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
