"""Tries to reach a server on the host's loopback."""

import socket


def solve(instance, solution):
    reached = []
    for address in ("127.0.0.1", "localhost", "0.0.0.0"):
        try:
            socket.create_connection((address, int("@PORT@")), 0.3).close()
            reached.append(address)
        except OSError:
            pass
    with open(solution, "w") as file:
        file.write(f"reached {reached}")
