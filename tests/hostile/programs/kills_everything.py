"""Tries to kill the harness, its supervisor and everybody else."""

import os
import signal


def solve(instance, solution):
    for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()] + [os.getppid(), int("@VICTIM@"), -1]:
        if pid not in (0, os.getpid()):
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
    if os.getpgid(1) not in (0, os.getpgrp()):
        try:
            os.killpg(os.getpgid(1), signal.SIGKILL)
        except OSError:
            pass
    with open(solution, "w") as file:
        file.write("still here")
