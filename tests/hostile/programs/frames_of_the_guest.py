"""Tries to reach the guest's objects through the frames that called it, and change them."""

import gc
import sys


def solve(instance, solution):
    frame = sys._getframe()
    changed = 0
    while frame.f_back is not None:
        frame = frame.f_back
        for name, value in list(frame.f_globals.items()):
            if callable(value) and not name.startswith("__"):
                frame.f_globals[name] = lambda *arguments, **options: b"forged"
                changed += 1
    for thing in gc.get_objects():
        if type(thing).__module__.startswith("guest"):
            for name in ("outcome", "message", "status", "peak_mb"):
                try:
                    object.__setattr__(thing, name, None)
                    changed += 1
                except AttributeError:
                    pass
    with open(solution, "w") as file:
        file.write("changed" if changed else "nothing to change")
