"""Tries to end at once and leave a growing crowd of processes behind."""

import os


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("first")
    if os.fork() == 0:
        os.setsid()
        while True:
            try:
                os.fork()
            except OSError:
                pass
