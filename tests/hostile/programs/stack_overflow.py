"""Tries to overflow the stack of the interpreter by lifting the limit of recursion."""

import resource
import sys


def solve(instance, solution):
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 10, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    sys.setrecursionlimit(1 << 30)

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x")

    value = []
    for _ in range(2_000_000):
        value = [value]
    repr(value)
