"""Tries to hand in a file of the host by a symbolic link."""

import os


def solve(instance, solution):
    os.symlink("@VERIFIER@", solution)
