"""Tries to make a sparse solution of 4 TiB."""


def solve(instance, solution):
    with open(solution, "wb") as file:
        file.truncate(1 << 42)
