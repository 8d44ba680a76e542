"""Tries to hang the harness by an exception that never finishes printing."""


def solve(instance, solution):
    class Endless(Exception):
        def __str__(self):
            while True:
                pass

    raise Endless
