"""The embedded sandbox without root and without control groups: it works, and says in what it is weaker.

The harness runs in a user namespace, where it is an ordinary user without any capability over the host. When the
tests run as root, that user is still root to the kernel's count of processes, so this limit is not tested.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = r"""
import json, os, sys
sys.path.insert(0, sys.argv[1])
from sandboxing import job
from heurigym.execution import bubblewrap
from heurigym.execution.cgroups import Hierarchies
from heurigym.problems.spec import Limits

bubblewrap.find_hierarchies = Hierarchies
sandbox = bubblewrap.BubblewrapSandbox()
core = min(os.sched_getaffinity(0))
bodies = {
    "fine": "open(solution, 'w').write(f'{os.getuid()} {os.path.exists(base)}')",
    "slow": "while True: pass",
    "hungry": "hoard = [bytearray(1 << 24) for _ in range(100)]",
    "hungry_children": "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
                       "        hoard = bytearray(64 << 20)\n        break\ntime.sleep(60)",
    "nosy": "open('/proc/1/mem', 'rb')",
    "privileged": "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) < 0\nos.mount",
}
limits = Limits(time_s=3, memory_mb=128, processes=20)
results = {}
for name, body in bodies.items():
    done = sandbox.run(job(body, limits=limits, top="import os\nbase = '/root'"), (core,))
    results[name] = [done.outcome, (done.solution or b"").decode(), done.message, done.flags]
info = sandbox.describe()
sandbox.close()
print(json.dumps({"results": results, "flags": info.flags, "user": info.details["user"]}))
"""


@pytest.fixture(scope="module")
def facts() -> dict[str, object]:
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("the command unshare of util-linux is missing")
    command = [] if os.geteuid() else [unshare, "--user", "--map-user=54321", "--map-group=54321"]
    done = subprocess.run(
        [*command, sys.executable, "-c", SCRIPT, str(Path(__file__).parent)], capture_output=True, text=True
    )
    if done.returncode != 0 and "unshare failed" in done.stderr:
        pytest.skip("this host allows no user namespaces")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_says_in_what_it_is_weaker(facts: dict[str, object]) -> None:
    assert facts["flags"] == ["no_group_memory_limit"]
    assert facts["user"] == "user namespace"


@pytest.mark.parametrize(
    ("program", "outcome", "solution", "message"),
    [
        ("fine", None, "65532 False", ""),
        ("slow", "timed_out", "", "of 3 s"),
        ("hungry", "out_of_memory", "", "128 MiB"),
        ("hungry_children", "out_of_memory", "", "128 MiB"),
        ("nosy", "crashed", "", "PermissionError"),
        ("privileged", "crashed", "", "AttributeError"),
    ],
)
def test_outcomes_are_the_same(
    facts: dict[str, dict[str, list[str]]], program: str, outcome: str | None, solution: str, message: str
) -> None:
    got_outcome, got_solution, got_message, flags = facts["results"][program]
    assert got_outcome == outcome, got_message
    assert got_solution.startswith(solution)
    assert message in got_message
    assert "no_group_memory_limit" in flags
