"""Tries to pass for a victim of others by waiting for its own threads."""

import threading


def solve(instance, solution):
    def spin():
        while True:
            sum(range(1000))

    for _ in range(12):
        threading.Thread(target=spin, daemon=True).start()
    spin()
