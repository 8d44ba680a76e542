"""Tries to pass by ending well without a solution."""

import os


def solve(instance, solution):
    os._exit(0)
