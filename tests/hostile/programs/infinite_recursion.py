"""Tries to overflow the stack."""


def solve(instance, solution):
    def deeper(level):
        return deeper(level + 1) + 1

    deeper(0)
