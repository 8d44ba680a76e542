"""Tries to hand in a device."""

import os
import stat


def solve(instance, solution):
    for kind, major, minor in ((stat.S_IFCHR, 1, 5), (stat.S_IFCHR, 1, 9), (stat.S_IFBLK, 254, 0)):
        try:
            os.mknod(solution, kind | 0o666, os.makedev(major, minor))
        except OSError:
            pass
