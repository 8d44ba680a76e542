"""Tries to read the memory of the harness and of its own supervisor."""

import os


def solve(instance, solution):
    read = []
    for pid in [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]:
        for part in (
            "mem",
            "maps",
            "environ",
            "auxv",
            "pagemap",
            "smaps",
            "syscall",
            "stack",
            "fd",
            "cwd",
            "root/etc",
        ):
            path = f"/proc/{pid}/{part}"
            try:
                if part in ("fd", "cwd", "root/etc"):
                    os.listdir(path)
                else:
                    with open(path, "rb", buffering=0) as file:
                        file.read(16)
                read.append(path)
            except OSError:
                pass
    with open(solution, "w") as file:
        file.write(f"read {read}")
