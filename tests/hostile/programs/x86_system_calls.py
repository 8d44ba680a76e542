"""Tries to evade the policy by system calls of another architecture."""

import ctypes
import mmap


def solve(instance, solution):
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    pid = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    with open(solution, "w") as file:
        file.write(f"evaded: {pid}")
