"""Tries to write more than it may by writing a little less to every folder."""

import time


def solve(instance, solution):
    for folder in ("/tmp", "/work", "/dev/shm", "/out"):
        with open(f"{folder}/big", "wb", buffering=0) as file:
            for _ in range(7):
                if file.write(bytes(1 << 20)) < 1 << 20:
                    raise OSError("full")
    time.sleep(0.5)
    with open(solution, "w") as file:
        file.write("unlimited")
