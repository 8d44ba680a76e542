"""Control groups: which ones are found, and what is written to those of version 2, which not every host has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heurigym.execution.cgroups import Hierarchies, Slot, find_hierarchies

FILES = {
    "cgroup.procs": "",
    "cpu.stat": "usage_usec 5\n",
    "memory.current": "4096\n",
    "memory.events": "low 0\noom_kill 2\n",
    "memory.peak": "8192\n",
}


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """A folder that looks like a group of version 2."""
    folder = tmp_path / "heurigym-slot-7"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content)
    return folder


def test_limits_of_version_2(group: Path) -> None:
    slot = Slot(Hierarchies(v2=group.parent), "slot-7")
    slot.limit(100, 8)
    assert {name: (group / name).read_text() for name in ("memory.max", "memory.swap.max", "pids.max")} == {
        "memory.max": str(100 << 20),
        "memory.swap.max": "0",
        "pids.max": "8",
    }
    assert (group / "memory.oom.group").read_text() == "1"
    for file in group.iterdir():
        file.unlink()
    slot.close()
    assert not group.exists()


def test_a_peak_that_cannot_be_reset_is_not_used(group: Path) -> None:
    if os.geteuid() == 0:
        (group / "memory.peak").unlink()
    else:
        (group / "memory.peak").chmod(0o444)
    slot = Slot(Hierarchies(v2=group.parent), "slot-7")
    assert slot.fds["peak"] is None
    assert slot.fds["current"] is not None
    for file in group.iterdir():
        file.unlink()
    slot.close()


def test_a_slot_of_this_host_limits_and_kills() -> None:
    found = find_hierarchies()
    if not found.limits_memory:
        pytest.skip("this process can make no control groups on this host")
    slot = Slot(found, f"test-{os.getpid()}")
    try:
        slot.limit(64, 8)
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        folders = [base / "heurigym" / f"test-{os.getpid()}" for base in found.v1.values()]
        if found.v2 is not None:
            folders = [found.v2 / f"heurigym-test-{os.getpid()}"]
        for folder in folders:
            (folder / "cgroup.procs").write_text(str(sleeper.pid))
        # Whoever takes the slot over ends what runs there; its parent reaps it meanwhile.
        taken = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from heurigym.execution.cgroups import *; Slot(find_hierarchies(), sys.argv[1])",
                f"test-{os.getpid()}",
            ]
        )
        assert sleeper.wait(20) == -9
        assert taken.wait(20) == 0
    finally:
        slot.close()
    assert not [folder for folder in folders if folder.exists()]
