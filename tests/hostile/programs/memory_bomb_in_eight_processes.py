"""Tries to take more than its memory in eight processes that stay below it each, and survive."""

import os
import time


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write("survived")
    children = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            hoard = bytearray(b"x") * (60 << 20)
            time.sleep(30)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
