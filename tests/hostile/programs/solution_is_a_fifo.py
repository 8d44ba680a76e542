"""Tries to block the harness for ever in a FIFO."""

import os


def solve(instance, solution):
    os.mkfifo(solution)
