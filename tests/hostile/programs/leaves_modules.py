"""Tries to have the next program, or the verifier, import its modules."""

import os


def solve(instance, solution):
    for folder in (
        "/out",
        "/work",
        "/tmp",
        "/dev/shm",
        "/in",
        "/opt/guest/site-packages",
        "/opt/python/lib/python3.11",
        "/work/.local/lib/python3.11/site-packages",
    ):
        for name in ("numpy.py", "json.py", "verifier.py", "sitecustomize.py", "usercustomize.py", "evil.pth"):
            try:
                os.makedirs(folder, exist_ok=True)
                with open(f"{folder}/{name}", "w") as file:
                    file.write("import sys; sys.exit('poisoned')")
            except OSError:
                pass
    with open(solution, "w") as file:
        file.write("planted")
