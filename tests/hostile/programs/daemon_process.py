"""Tries to change the solution after its end, in a process of another session."""

import os
import signal
import time


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("first")
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, signal.NSIG):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            time.sleep(0.5)
            while True:
                with open(solution, "a") as file:
                    file.write("late")
        os._exit(0)
    os.wait()
