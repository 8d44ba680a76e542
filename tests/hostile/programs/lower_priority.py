"""Tries to be charged less by making itself unimportant."""

import os


def solve(instance, solution):
    os.nice(19)
    while True:
        pass
