"""Tries to go on after the end of solve, in an exit handler."""

import atexit


def solve(instance, solution):
    def spin():
        while True:
            pass

    atexit.register(spin)
    with open(solution, "w") as file:
        file.write("first")
