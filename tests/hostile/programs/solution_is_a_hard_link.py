"""Tries to hand in a file with a second name, which may be changed later."""

import os


def solve(instance, solution):
    with open("/out/other", "w") as file:
        file.write("first")
    os.link("/out/other", solution)
