"""Tries to take all memory of the host in one process."""


def solve(instance, solution):
    hoard = []
    while True:
        hoard.append(bytearray(b"x") * (8 << 20))
