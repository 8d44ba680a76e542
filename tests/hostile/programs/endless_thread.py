"""Tries to go on after the end of solve, in a thread."""

import threading
import time


def solve(instance, solution):
    def spin():
        while True:
            time.sleep(0.01)

    threading.Thread(target=spin).start()
    with open(solution, "w") as file:
        file.write("first")
