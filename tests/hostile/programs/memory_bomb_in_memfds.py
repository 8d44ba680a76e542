"""Tries to hide memory in files that no process maps."""

import os


def solve(instance, solution):
    block = b"x" * (1 << 20)
    hoard = []
    while True:
        hoard.append(os.memfd_create("hoard"))
        for _ in range(8):
            os.write(hoard[-1], block)
