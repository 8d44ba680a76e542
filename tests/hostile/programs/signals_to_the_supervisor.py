"""Tries to disturb its supervisor by every signal there is, by every way to send one."""

import os
import signal


def solve(instance, solution):
    handle = os.pidfd_open(1)
    for number in range(1, 65):
        for send in (lambda: os.kill(1, number), lambda: signal.pidfd_send_signal(handle, number)):
            try:
                send()
            except OSError:
                pass
    with open(solution, "w") as file:
        file.write("still here")
