"""Tries to pass for a victim of others by waiting for its own processes."""

import os


def solve(instance, solution):
    for _ in range(12):
        if os.fork() == 0:
            while True:
                pass
    while True:
        pass
