"""Tries to run for ever by stopping the clocks of Python."""

import signal
import time


def solve(instance, solution):
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time", "time_ns", "monotonic_ns"):
        setattr(time, name, lambda: 0)
    time.sleep = lambda seconds: None
    signal.setitimer = lambda *arguments: None
    while True:
        pass
