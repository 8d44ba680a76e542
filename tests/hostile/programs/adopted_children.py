"""Tries to keep its children alive by adopting them."""

import ctypes
import os
import time

libc = ctypes.CDLL(None)


def solve(instance, solution):
    libc.prctl(36, 1, 0, 0, 0)
    with open(solution, "w") as file:
        file.write("first")
    if os.fork() == 0:
        libc.prctl(1, 0, 0, 0, 0)
        time.sleep(0.5)
        with open(solution, "w") as file:
            file.write("late")
