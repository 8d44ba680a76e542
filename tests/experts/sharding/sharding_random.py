"""Random small sharding problems, and the best choice by trying all."""

import itertools
import random

from heurigym.experts.sharding.program import Program

FORBIDDEN = 10**18


def random_program(seed: int, nodes: int = 6, limited: bool = True) -> Program:
    """A problem with some forbidden pairs, some edges that make strategies follow, and a limit that binds."""
    source = random.Random(seed)
    sizes = [source.randint(1, 4) for _ in range(nodes)]
    usages = [[source.randint(0, 9) for _ in range(size)] for size in sizes]
    intervals = [sorted((source.randint(0, 8), source.randint(0, 8))) for _ in sizes]
    pairs, tables = [], []
    for _ in range(source.randint(nodes - 2, 2 * nodes)):
        tail, head = source.randrange(nodes), source.randrange(nodes)
        kind = source.random()
        table = [source.randint(0, 20) for _ in range(sizes[tail] * sizes[head])]
        if kind < 0.2:
            table = [FORBIDDEN if source.random() < 0.3 else value for value in table]
        elif kind < 0.4:
            table = [
                0 if row % sizes[head] == column else FORBIDDEN
                for row in range(sizes[tail])
                for column in range(sizes[head])
            ]
        pairs.append([tail, head])
        tables.append(table)
    costs = [[source.randint(0, 20) for _ in range(size)] for size in sizes]
    free = Program(intervals, costs, usages, pairs, tables, None)
    least = free.peak(free.frugal())
    limit = least + source.randint(0, 8) if limited else None
    return Program(intervals, costs, usages, pairs, tables, limit)


def best_by_trying_all(program: Program) -> int:
    """The least cost of a choice that fits."""
    return min(
        program.cost(chosen)
        for chosen in itertools.product(*(range(len(costs)) for costs in program.costs))
        if program.fits(chosen)
    )
