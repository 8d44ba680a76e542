"""Tries to fill the disk."""

import errno
import os


def solve(instance, solution):
    written = 0
    try:
        for number in range(1000):
            with open(f"/tmp/{number}", "wb", buffering=0) as file:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        os.remove("/tmp/0")
        with open(solution, "w") as file:
            file.write(f"{errno.errorcode[error.errno]} at {written >> 20} MiB")
