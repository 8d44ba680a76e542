"""Tries to hide its time in children that sleep."""

import os
import time


def solve(instance, solution):
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    os.waitpid(child, 0)
