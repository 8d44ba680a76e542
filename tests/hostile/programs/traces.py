"""Tries to trace its supervisor, or a child of its own."""

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


import time


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
    PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE = 0, 16, 0x4206
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    with open(solution, "w") as file:
        file.write(
            allowed(
                ("traceme", lambda: call(101, PTRACE_TRACEME, 0, 0, 0)),
                ("attach_supervisor", lambda: call(101, PTRACE_ATTACH, 1, 0, 0)),
                ("seize_supervisor", lambda: call(101, PTRACE_SEIZE, 1, 0, 0)),
                ("attach_child", lambda: call(101, PTRACE_ATTACH, child, 0, 0)),
                ("attach_host", lambda: call(101, PTRACE_ATTACH, int("@VICTIM@"), 0, 0)),
            )
        )
