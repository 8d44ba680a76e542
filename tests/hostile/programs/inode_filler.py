"""Tries to use up all inodes with empty files."""

import os


def solve(instance, solution):
    made = 0
    try:
        while made < 5000:
            open(f"/work/{made}", "w").close()
            made += 1
    except OSError:
        pass
    for number in range(made):
        os.remove(f"/work/{number}")
    with open(solution, "w") as file:
        file.write("limited" if 100 < made <= 200 else f"{made} files")
