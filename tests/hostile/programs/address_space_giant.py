"""Tries to reserve more address space than there is memory, without using it, which is allowed."""

import mmap


def solve(instance, solution):
    regions = [mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000) for _ in range(8)]
    with open(solution, "w") as file:
        file.write(f"{len(regions)} regions")
