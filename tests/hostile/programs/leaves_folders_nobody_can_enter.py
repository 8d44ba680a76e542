"""Tries to leave folders and files that cannot be removed."""

import os


def solve(instance, solution):
    for folder in ("/tmp", "/work", "/out", "/dev/shm"):
        os.makedirs(f"{folder}/locked/inner")
        with open(f"{folder}/locked/inner/file", "w") as file:
            file.write("x")
        os.chmod(f"{folder}/locked/inner", 0)
        os.chmod(f"{folder}/locked", 0)
    with open(solution, "w") as file:
        file.write("left")
