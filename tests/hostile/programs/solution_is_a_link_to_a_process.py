"""Tries to hand in the supervisor's memory by a symbolic link."""

import os


def solve(instance, solution):
    os.symlink("/proc/self/mem", solution)
