"""Tries to survive its time limit by ignoring every signal."""

import signal


def solve(instance, solution):
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass
