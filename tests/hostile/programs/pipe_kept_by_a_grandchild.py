"""Tries to keep the harness reading from a grandchild that outlives the program."""

import os


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("first")
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                os.write(1, b"z" * 10000)
        os._exit(0)
    os.wait()
