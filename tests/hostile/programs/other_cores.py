"""Tries to run on cores that it was not given."""

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
    before = os.sched_getaffinity(0)
    done = allowed(
        ("itself", lambda: os.sched_setaffinity(0, range(64))),
        ("supervisor", lambda: os.sched_setaffinity(1, range(64))),
        ("fifo", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))),
        ("batch", lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))),
        ("io", lambda: call(251, 1, 0, 1 << 13)),
    )
    with open(solution, "w") as file:
        file.write(f"{done}, {len(os.sched_getaffinity(0))} core, the same: {os.sched_getaffinity(0) == before}")
