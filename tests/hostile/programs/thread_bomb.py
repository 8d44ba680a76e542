"""Tries to start more threads than it may."""

import threading
import time


def solve(instance, solution):
    started = 0
    try:
        while started < 500:
            threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    with open(solution, "w") as file:
        file.write("limited" if started < 60 else f"{started} threads")
