"""Tries to confuse the harness by a folder."""

import os


def solve(instance, solution):
    os.makedirs(solution + "/solution.txt")
