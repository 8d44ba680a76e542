"""Tries to stop its clock by stopping itself."""

import os
import signal


def solve(instance, solution):
    os.kill(os.getpid(), signal.SIGSTOP)
