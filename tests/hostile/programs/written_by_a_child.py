"""Tries to have the solution written by a process in another session, which is allowed."""

import os


def solve(instance, solution):
    child = os.fork()
    if child == 0:
        os.setsid()
        with open(solution, "w") as file:
            file.write("by a child")
        os._exit(0)
    os.waitpid(child, 0)
