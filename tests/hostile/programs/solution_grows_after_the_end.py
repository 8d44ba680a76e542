"""Tries to let the solution grow while it is read."""

import os
import time


def solve(instance, solution):
    file = open(solution, "w")
    file.write("first")
    file.flush()
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.5)
        while True:
            file.write("more" * 1000)
            file.flush()
