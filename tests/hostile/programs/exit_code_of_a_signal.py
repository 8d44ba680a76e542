"""Tries to pass for killed by the harness by an exit code that looks so."""

import sys


def solve(instance, solution):
    sys.exit(137)
