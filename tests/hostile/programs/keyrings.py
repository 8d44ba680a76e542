"""Tries to use the kernel's keyrings, which no namespace confines."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    result = libc.syscall(
        ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    )
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def allowed(*attempts):
    """The names of the attempts that were not refused."""
    done = []
    for name, attempt in attempts:
        try:
            attempt()
            done.append(name)
        except (OSError, ValueError, RuntimeError, LookupError):
            pass
    return " ".join(done) or "nothing"


def solve(instance, solution):
    with open(solution, "w") as file:
        file.write(
            allowed(
                ("add_key", lambda: call(248, b"user", b"name", b"data", 4, -4)),
                ("request_key", lambda: call(249, b"user", b"name", 0, 0)),
                ("keyctl", lambda: call(250, 0, -3, 1)),
            )
        )
