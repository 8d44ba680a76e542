"""Tries to nest folders so deeply that nobody can remove them."""

import os
import shutil


def solve(instance, solution):
    depth = 0
    os.chdir("/tmp")
    try:
        while depth < 5000:
            os.mkdir("deeper")
            os.chdir("deeper")
            depth += 1
    except OSError:
        pass
    os.chdir("/work")
    shutil.rmtree("/tmp/deeper", ignore_errors=True)
    with open(solution, "w") as file:
        file.write("limited" if 100 < depth <= 200 else f"{depth} levels")
