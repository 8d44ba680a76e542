"""Tries to make a sparse solution that is larger than a solution may be."""


def solve(instance, solution):
    with open(solution, "wb") as file:
        file.write(b"1")
        file.truncate(12 << 20)
