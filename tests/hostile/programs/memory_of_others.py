"""Tries to read and write the memory of its supervisor by system calls."""

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
    class Part(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    buffer = ctypes.create_string_buffer(16)
    here = ctypes.byref(Part(ctypes.addressof(buffer), 16))
    there = ctypes.byref(Part(id(object), 16))
    with open(solution, "w") as file:
        file.write(
            allowed(
                ("readv", lambda: call(310, 1, here, 1, there, 1, 0)),
                ("writev", lambda: call(311, 1, here, 1, there, 1, 0)),
                ("pidfd_getfd", lambda: call(438, os.pidfd_open(1), 0, 0)),
                ("kcmp", lambda: call(312, 1, os.getpid(), 0, 0, 0)),
                ("process_madvise", lambda: call(440, os.pidfd_open(1), here, 1, 4, 0)),
                ("move_pages", lambda: call(279, 1, 0, 0, 0, 0, 0)),
            )
        )
