"""Tries to drown the harness in errors."""

import sys


def solve(instance, solution):
    while True:
        sys.stderr.write("y" * 10000)
