"""Tries to do its work in children that end before anybody sees them."""

import os
import signal


def solve(instance, solution):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        try:
            if os.fork() == 0:
                sum(range(100_000))
                os._exit(0)
        except OSError:
            pass
