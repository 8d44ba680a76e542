"""Tries to leave processes and threads that work on for the next program."""

import os
import threading
import time


def solve(instance, solution):
    for _ in range(5):
        if os.fork() == 0:
            os.setsid()
            threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
            while True:
                time.sleep(0.1)
    with open(solution, "w") as file:
        file.write("left")
