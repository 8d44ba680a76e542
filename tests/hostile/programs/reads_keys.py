"""Tries to find keys in its own environment or that of others."""

import os


def solve(instance, solution):
    found = [name for name, value in os.environ.items() if "@SECRET@" in value or "KEY" in name or "TOKEN" in name]
    for pid in [name for name in os.listdir("/proc") if name.isdigit()] + ["self", "thread-self"]:
        for part in ("environ", "cmdline"):
            try:
                with open(f"/proc/{pid}/{part}", "rb") as file:
                    if b"@SECRET@" in file.read():
                        found.append(f"{pid}/{part}")
            except OSError:
                pass
    with open(solution, "w") as file:
        file.write(f"found {found}")
