"""Tries to confuse the harness by a crash of the interpreter."""

import ctypes


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("first")
    ctypes.string_at(0)
