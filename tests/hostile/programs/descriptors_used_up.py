"""Tries to use up all descriptors of the host."""

import os


def solve(instance, solution):
    held = []
    try:
        while len(held) < 100_000:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    count = len(held)
    os.closerange(3, 4096)
    with open(solution, "w") as file:
        file.write("limited" if count <= 1024 else f"{count} descriptors")
