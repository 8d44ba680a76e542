"""Tries to hand in solutions for other instances."""

import os


def solve(instance, solution):
    os.makedirs("/out/eval", exist_ok=True)
    for name in (
        "eval/solution.txt",
        "solution.json",
        "other.txt",
        "eval01.txt",
        "verdict.json",
        "solution.txt.cost",
    ):
        with open(f"/out/{name}", "w") as file:
            file.write("forged")
    with open(solution, "w") as file:
        file.write("mine")
