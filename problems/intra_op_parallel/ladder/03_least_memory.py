"""The strategy of least memory for each node: it fits whenever anything does, and ignores all costs."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    nodes = json.loads(Path(input_file).read_text())["problem"]["nodes"]
    chosen = [min(range(len(usages)), key=usages.__getitem__) for usages in nodes["usages"]]
    Path(solution_file).write_text(json.dumps(chosen))
