"""Tries to flood the messages of the harness by the text of an exit."""

import sys


def solve(instance, solution):
    sys.exit("x" * 1_000_000)
