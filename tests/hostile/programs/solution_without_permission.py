"""Tries to stop the collector by permissions."""

import os


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("first")
    os.chmod(solution, 0)
