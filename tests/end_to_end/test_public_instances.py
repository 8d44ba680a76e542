"""Programs and instances of the public HeuriGym run unchanged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("HEURIGYM_DATA", ROOT.parent / "shared" / "data")) / "operator_scheduling"

# Written as programs for the public HeuriGym are: any name for the parameters, a script's idioms around solve.
PROGRAM = """
import heapq
import json
from collections import defaultdict


def solve(input_file: str, solution_file: str):
    with open(input_file, 'r') as f:
        data = json.load(f)
    delay, limit = data['delay'], data['resource']
    kind = {node: op for node, op in data['nodes']}
    after, waits = defaultdict(list), {node: 0 for node in kind}
    for source, target, _ in data['edges']:
        after[source].append(target)
        waits[target] += 1
    order, ready = [], [node for node in kind if waits[node] == 0]
    while ready:
        node = ready.pop()
        order.append(node)
        for target in after[node]:
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    tail = {}
    for node in reversed(order):
        tail[node] = delay[kind[node]] + max((tail[target] for target in after[node]), default=0)
    earliest = {node: 0 for node in kind}
    waits = {node: 0 for node in kind}
    for source, target, _ in data['edges']:
        waits[target] += 1
    free = {op: [0] * units for op, units in limit.items()}
    ready = [(0, -tail[node], node) for node in kind if waits[node] == 0]
    heapq.heapify(ready)
    start = {}
    while ready:
        time, priority, node = heapq.heappop(ready)
        units = free[kind[node]]
        if units[0] > time:
            heapq.heappush(ready, (units[0], priority, node))
            continue
        start[node] = time
        heapq.heapreplace(units, time + delay[kind[node]])
        for target in after[node]:
            earliest[target] = max(earliest[target], time + delay[kind[node]])
            waits[target] -= 1
            if waits[target] == 0:
                heapq.heappush(ready, (earliest[target], -tail[target], target))
    with open(solution_file, 'w') as f:
        for node in start:
            f.write(f"{node}:{start[node]}\\n")


if __name__ == '__main__':
    import sys
    solve(sys.argv[1], sys.argv[2])
"""


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the public instances are not here; set HEURIGYM_DATA to their folder"
)
def test_a_public_program_on_the_public_instances(tmp_path: Path) -> None:
    program = tmp_path / "solver.py"
    program.write_text(PROGRAM)
    target = tmp_path / "result.json"
    words = ("judge", "operator_scheduling", program, "--instances", DATA, "--json", target)
    command = [sys.executable, "-m", "heurigym.cli.main", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text())
    assert (result["summary"]["instances"], result["summary"]["yield"]) == (24, 1)
    assert result["summary"]["qyi"] is None
    found = {run["instance"]: run["objective"] for run in result["runs"]}
    # Latencies that the public baseline, an ILP, proves to be optimal and that this rule reaches.
    assert {name: found[name] for name in ("hal", "horner", "ewf", "demo")} == {
        "hal": 7, "horner": 18, "ewf": 21, "demo": 4
    }  # fmt: skip
