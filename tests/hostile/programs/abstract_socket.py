"""Tries to reach a process of the host by an abstract unix socket."""

import socket


def solve(instance, solution):
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.connect("\0@ABSTRACT@")
        answer = "reached"
    except OSError:
        answer = "refused"
    with open(solution, "w") as file:
        file.write(answer)
