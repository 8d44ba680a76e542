"""Tries to hand in a file of the sandbox by a symbolic link."""

import os


def solve(instance, solution):
    os.symlink("/etc/passwd", solution)
