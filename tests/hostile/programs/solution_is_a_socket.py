"""Tries to confuse the harness by a socket."""

import socket


def solve(instance, solution):
    socket.socket(socket.AF_UNIX).bind(solution)
