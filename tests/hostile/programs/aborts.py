"""Tries to confuse the harness by aborting after a solution."""

import os


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("first")
    os.abort()
