"""Tries to stop the collector by the permissions of the folder."""

import os


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("first")
    os.chmod("/out", 0)
