"""Tries to change the solution after the end of solve, in a thread that nobody waits for."""

import threading
import time


def solve(instance, solution):
    def rewrite():
        time.sleep(0.5)
        with open(solution, "w") as file:
            file.write("late")

    threading.Thread(target=rewrite, daemon=True).start()
    with open(solution, "w") as file:
        file.write("first")
