"""Crashes on purpose: it takes the header for JSON."""

import json


def solve(input_file, solution_file):
    with open(input_file) as file:
        instance = json.load(file)
    with open(solution_file, "w") as file:
        file.write(f"{instance['NAME']}\n")
