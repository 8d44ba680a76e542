"""Tries to drown the harness in output."""


def solve(instance, solution):
    while True:
        print("x" * 10000)
