"""Tries to lead the collector elsewhere by replacing the folder of the solution."""

import os


def solve(instance, solution):
    done = []
    for name, attempt in (
        ("rename", lambda: os.rename("/out", "/work/out")),
        ("remove", lambda: os.rmdir("/out")),
        ("link", lambda: os.symlink("/etc", "/out2")),
    ):
        try:
            attempt()
            done.append(name)
        except OSError:
            pass
    with open(solution, "w") as file:
        file.write(f"replaced by {done}")
