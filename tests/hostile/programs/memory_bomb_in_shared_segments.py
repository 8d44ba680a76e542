"""Tries to hide memory in System V segments that belong to no process."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def solve(instance, solution):
    libc.shmat.restype = ctypes.c_void_p
    while True:
        segment = libc.shmget(0, 8 << 20, 0o1600)
        if segment < 0:
            raise OSError(ctypes.get_errno(), "shmget")
        address = libc.shmat(segment, None, 0)
        ctypes.memset(address, 1, 8 << 20)
        libc.shmdt(ctypes.c_void_p(address))
