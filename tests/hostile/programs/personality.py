"""Tries to turn off the randomisation of addresses for what it starts."""

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
                ("no randomisation", lambda: call(135, 0x0040000)),
                ("read implies exec", lambda: call(135, 0x0400000)),
                ("32 bits", lambda: call(135, 8)),
            )
        )
