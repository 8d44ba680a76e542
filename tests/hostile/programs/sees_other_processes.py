"""Tries to see the processes of the host or of other programs."""

import os


def solve(instance, solution):
    others = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
    with open(solution, "w") as file:
        file.write(f"{len(others)} processes, the last is me: {others[-1] == os.getpid()}")
