"""Tries to reach the guest's code behind the program by disabling the ways to end."""

import atexit
import os
import sys
import threading


def solve(instance, solution):
    os._exit = lambda code: None
    sys.exit = lambda code=0: None
    threading._shutdown = lambda: None
    atexit._run_exitfuncs = lambda: None
    with open(solution, "w") as file:
        file.write("first")
