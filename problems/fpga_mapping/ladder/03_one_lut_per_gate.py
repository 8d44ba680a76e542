"""Makes every gate a LUT of its own."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    graph = json.loads(Path(input_file).read_text())
    first = graph["inputs"] + 1
    lines = [f"{first + index} {left >> 1} {right >> 1}\n" for index, (left, right) in enumerate(graph["gates"])]
    Path(solution_file).write_text("".join(lines))
