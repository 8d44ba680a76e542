"""Takes the least interval, starts every operation as soon as its inputs are ready, and forgets units."""

import json
from pathlib import Path


def solve(input_file, solution_file):
    loop = json.loads(Path(input_file).read_text())
    interval = loop["interval"]["least"]
    latency = {name: loop["resources"][kind]["latency"] for name, kind, _ in loop["operations"]}
    start = dict.fromkeys(latency, 0)
    changed = True
    while changed:
        changed = False
        for source, target, delay, distance, _ in loop["edges"]:
            ready = start[source] + latency[source] + delay - distance * interval
            if start[target] < ready:
                start[target] = ready
                changed = True
    lines = "".join(f"{name}:{cycle}\n" for name, cycle in start.items())
    Path(solution_file).write_text(f"interval:{interval}\n" + lines)
