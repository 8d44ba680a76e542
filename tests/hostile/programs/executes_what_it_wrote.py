"""Tries to run a program of its own from a folder that it can write."""

import os
import shutil
import subprocess
import sys


def solve(instance, solution):
    done = []
    for folder in ("/tmp", "/work", "/out", "/dev/shm"):
        path = f"{folder}/copy"
        shutil.copy(os.path.realpath(sys.executable), path)
        os.chmod(path, 0o755)
        try:
            subprocess.run([path, "-c", ""])
            done.append(folder)
        except OSError:
            pass
        os.remove(path)
    with open(solution, "w") as file:
        file.write(f"executed in {done}")
