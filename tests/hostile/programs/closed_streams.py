"""Tries to break the harness by closing every descriptor."""

import os


def solve(instance, solution):
    os.closerange(0, 4096)
    with open(solution, "w") as file:
        file.write("first")
