"""Tries to leave shared memory, semaphores and message queues for the next program."""

import ctypes
import multiprocessing
import os
from multiprocessing import resource_tracker, shared_memory

libc = ctypes.CDLL(None, use_errno=True)
librt = ctypes.CDLL(None, use_errno=True)


def solve(instance, solution):
    key = 0x4845
    libc.shmget(key, 4096, 0o1666)
    libc.semget(key, 1, 0o1666)
    libc.msgget(key, 0o1666)
    librt.mq_open(b"/left", os.O_CREAT | os.O_RDWR, 0o666, None)
    shared_memory.SharedMemory(name="left", create=True, size=4096).close()
    multiprocessing.get_context("fork").Semaphore(1)
    with open("/dev/shm/left.txt", "w") as file:
        file.write("left")
    resource_tracker._resource_tracker._stop()
    with open(solution, "w") as file:
        file.write("left")
