"""Tries to evade the policy by the numbers of the x32 interface."""

import ctypes


def solve(instance, solution):
    libc = ctypes.CDLL(None)
    result = libc.syscall(ctypes.c_long(0x40000000 + 39))
    with open(solution, "w") as file:
        file.write(f"evaded: {result}")
