"""Tries to break the harness by an exception that cannot be printed."""


def solve(instance, solution):
    class Hostile(Exception):
        def __str__(self):
            raise SystemExit(0)

        __repr__ = __str__

    with open(solution, "w") as file:
        file.write("first")
    raise Hostile
